/**
 * Boards: what one is made of, read from a YAML file and checked line by line ({@link
 * org.lastref.board.BoardDefinition}), who may use it ({@link org.lastref.board.Leases}), and its
 * life from power on to power off ({@link org.lastref.board.Board}, told step by step by {@link
 * org.lastref.board.LifeCycle}). QEMU runs as a child that cannot outlive the harness, is spoken to
 * over QMP, and starts frozen so that the console's first byte is not lost. A physical board has
 * commands for its power, a folder that it boots from, and a port that may come and go.
 */
@NullMarked
package org.lastref.board;

import org.jspecify.annotations.NullMarked;
