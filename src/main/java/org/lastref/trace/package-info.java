/**
 * What was observed on a board: the text of ftrace, as the kernel printed it, parsed into events in
 * the order of the trace. Knows nothing of boards, so that stored traces can be judged anywhere.
 */
@NullMarked
package org.lastref.trace;

import org.jspecify.annotations.NullMarked;
