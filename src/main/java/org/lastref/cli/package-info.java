/** The commands. */
@NullMarked
package org.lastref.cli;

import org.jspecify.annotations.NullMarked;
