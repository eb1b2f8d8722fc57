/**
 * What was done on a board, and what was observed: a scenario of instructions; records, whoever
 * brought them, read into events in the order of the trace; and how both are stored. Knows nothing
 * of boards, so that stored traces can be judged anywhere.
 */
@NullMarked
package org.lastref.trace;

import org.jspecify.annotations.NullMarked;
