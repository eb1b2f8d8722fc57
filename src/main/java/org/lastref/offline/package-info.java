/** Judges traces that are stored, and predicts, without any board. */
@NullMarked
package org.lastref.offline;

import org.jspecify.annotations.NullMarked;
