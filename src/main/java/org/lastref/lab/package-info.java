/**
 * For tests of others: a board, an overlay applied and removed on it, and what came of that. What
 * is public here stays; all else may change.
 */
@NullMarked
package org.lastref.lab;

import org.jspecify.annotations.NullMarked;
