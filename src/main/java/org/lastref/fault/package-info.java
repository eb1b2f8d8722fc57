/**
 * What ends a command or a case without a verdict. A fault of the lab and a mistake in the input
 * are different types from here to the exit code and the XML; a fault of the kernel is no exception
 * at all but a finding, see {@code org.lastref.verify}.
 */
@NullMarked
package org.lastref.fault;

import org.jspecify.annotations.NullMarked;
