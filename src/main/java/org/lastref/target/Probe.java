package org.lastref.target;

/**
 * An event of the trace that is armed for some exercises only. Syntax:
 * Documentation/trace/kprobetrace.rst and events.rst of Linux 6.1.
 *
 * @param event group and name, such as {@code lastref/spi_remove}
 * @param filter which of them are recorded, or {@code -} for all
 * @param definition what makes the event, or {@code -} for one that the kernel has
 */
public record Probe(String event, String filter, String definition) {

  /**
   * A function's entry.
   *
   * @param event its name in group {@code lastref}
   * @param function with the module's name and a colon before it if it is in one
   * @param arguments such as {@code dev=+0(%x0):string}, or empty
   */
  public static Probe entry(String event, String function, String arguments) {
    return new Probe(
        "lastref/" + event,
        "-",
        "p:lastref/%s %s %s".formatted(event, function, arguments).strip());
  }

  /** A function's return, with what it returns as {@code ret}. */
  public static Probe exit(String event, String function) {
    return new Probe(
        "lastref/" + event, "-", "r:lastref/%s %s ret=$retval:s32".formatted(event, function));
  }

  /** A tracepoint of the kernel's: {@code dev/devres_log}. */
  public static Probe tracepoint(String event) {
    return new Probe(event, "-", "-");
  }

  /** The same for those events only that a filter lets through. */
  public Probe where(String condition) {
    return new Probe(event, condition, definition);
  }

  /** As the agent reads it: tabs between. */
  String line() {
    return event + "\t" + filter + "\t" + definition;
  }
}
