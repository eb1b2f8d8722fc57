package org.lastref.report;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Which drivers a kernel's sources have for something.
 *
 * @param compatible what a node is compatible with
 * @param drivers those that know it, by their sources; may be empty
 */
public record DriversFor(String compatible, List<Driver> drivers) {

  private static final int MOST = 20;
  private static final int MOST_DRIVERS = 3;

  /**
   * A driver.
   *
   * @param source its file in the kernel's sources
   * @param options those that have it built, any of them; empty if its Makefiles name none
   * @param built whether one of them is set in this kernel
   */
  public record Driver(String source, List<String> options, boolean built) {

    public Driver {
      options = List.copyOf(options);
    }

    private String sentence() {
      String option = String.join(" or ", options);
      return options.isEmpty()
          ? source + " names it, and its Makefile no option"
          : built
              ? "%s is set: a driver is there, %s, but did not take it".formatted(option, source)
              : "%s would bring a driver, %s".formatted(option, source);
    }
  }

  public DriversFor {
    drivers = List.copyOf(drivers);
  }

  /** Some of these in words, a line each. */
  static String lines(List<DriversFor> all) {
    return all.stream().limit(MOST).map(DriversFor::line).collect(Collectors.joining());
  }

  private String line() {
    String found =
        drivers.stream()
            .limit(MOST_DRIVERS)
            .map(Driver::sentence)
            .collect(Collectors.joining("; "));
    String more = drivers.size() > MOST_DRIVERS ? "; and others" : "";
    return "%s: %s%s\n"
        .formatted(
            compatible,
            found.isEmpty() ? "no driver in this kernel's sources names it" : found,
            more);
  }
}
