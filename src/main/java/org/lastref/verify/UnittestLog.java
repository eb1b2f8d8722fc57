package org.lastref.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the kernel's own devicetree unittest said while it booted: {@code CONFIG_OF_UNITTEST},
 * drivers/of/unittest.c of Linux 6.1.
 *
 * @param started whether it began
 * @param checks what it found, in order
 * @param remarks what else is wrong with what was said between its start and its end
 * @param total what it counted itself, if it came to its end
 */
public record UnittestLog(
    boolean started, List<Check> checks, List<Remark> remarks, Optional<Total> total) {

  /**
   * A line that begins with {@code pass} or {@code FAIL}.
   *
   * @param function of the kernel, such as {@code of_unittest_overlay_6}
   * @param line in unittest.c
   * @param passed whether it is as the function wants it
   * @param text what it says besides, of a failure
   */
  public record Check(String function, int line, boolean passed, String text) {}

  /** What else can be wrong. */
  public enum Flaw {
    /** A message that should come between {@code EXPECT \} and {@code EXPECT /} did not. */
    MISSING("expected, but never said: "),
    /** One that must not come between {@code EXPECT_NOT \} and {@code EXPECT_NOT /} did. */
    FORBIDDEN("said, though it must not be: "),
    /** An {@code EXPECT /} without its {@code EXPECT \}. */
    UNOPENED("the end of what is expected without its beginning: "),
    /** An {@code EXPECT \} without its {@code EXPECT /}. */
    UNCLOSED("the beginning of what is expected without its end: "),
    /** The kernel complains of something that nobody expects. */
    COMPLAINT("the kernel complains: ");

    private final String words;

    Flaw(String words) {
      this.words = words;
    }
  }

  /**
   * A flaw of the log.
   *
   * @param function the first that reported after it, or else the last that did; empty if none did
   * @param text the message
   */
  public record Remark(Flaw flaw, String function, String text) {

    /** One sentence. */
    public String sentence() {
      return flaw.words + text;
    }
  }

  /** What the unittest counted itself. */
  public record Total(int passed, int failed) {}

  public UnittestLog {
    checks = List.copyOf(checks);
    remarks = List.copyOf(remarks);
  }

  /**
   * Reads a boot's log.
   *
   * @param lines as {@link org.lastref.trace.Event} or a console has them, with or without time
   *     stamps; a backslash may have been doubled
   */
  public static UnittestLog read(List<String> lines) {
    return new UnittestReader().read(lines);
  }

  /** The functions that reported, whatever they found. */
  public NavigableSet<String> functions() {
    return checks.stream().map(Check::function).collect(Collectors.toCollection(TreeSet::new));
  }

  /** What is wrong with one function, a sentence each. */
  public List<String> faults(String function) {
    Stream<String> failed =
        checks.stream()
            .filter(check -> !check.passed() && check.function().equals(function))
            .map(check -> "line %d: %s".formatted(check.line(), check.text()));
    Stream<String> remarked =
        remarks.stream().filter(each -> each.function().equals(function)).map(Remark::sentence);
    return Stream.concat(failed, remarked).toList();
  }

  /** What is wrong with the unittest as a whole, a sentence each. */
  public List<String> faults() {
    if (!started) {
      return List.of("the unittest never began");
    }
    List<String> faults = new ArrayList<>();
    int passed = (int) checks.stream().filter(Check::passed).count();
    Total counted = new Total(passed, checks.size() - passed);
    if (total.isEmpty()) {
      faults.add("the unittest did not come to its end");
    } else if (!total.get().equals(counted)) {
      faults.add(
          "the unittest counts %d passed and %d failed, its lines are %d and %d"
              .formatted(
                  total.get().passed(), total.get().failed(), counted.passed(), counted.failed()));
    }
    faults.addAll(faults(""));
    return faults;
  }

  /** The functions with a check that failed. */
  public NavigableSet<String> failing() {
    return checks.stream()
        .filter(check -> !check.passed())
        .map(Check::function)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Every function with something wrong. */
  public NavigableSet<String> faulty() {
    NavigableSet<String> faulty = failing();
    remarks.stream().map(Remark::function).filter(each -> !each.isEmpty()).forEach(faulty::add);
    return faulty;
  }
}
