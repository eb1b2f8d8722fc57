/**
 * Boards: what one is made of, read from a YAML file and checked line by line ({@link
 * org.lastref.board.BoardDefinition}), and its life from power on to power off ({@link
 * org.lastref.board.Board}). QEMU runs as a child that cannot outlive the harness, is spoken to
 * over QMP, and starts frozen so that the console's first byte is not lost.
 */
@NullMarked
package org.lastref.board;

import org.jspecify.annotations.NullMarked;
