package org.lastref.trace;

/**
 * How a trace was watched.
 *
 * @param way {@code text} of ftrace's events, the kernel's {@code hook}, or {@code kprobes}
 * @param exact whether references are in the order of the operations, and their counts are what
 *     each operation found; else only what is between two events of one task is known
 */
public record Watching(String way, boolean exact) {
  /** By ftrace's events: version 1. */
  public static final Watching TEXT = new Watching("text", false);
}
