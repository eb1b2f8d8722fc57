package org.lastref.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lastref.klog.Sign;

/**
 * What the kernel's KUnit tests said while it booted, in the Kernel Test Anything Protocol:
 * Documentation/dev-tools/ktap.rst of Linux 6.12.
 *
 * @param results those of tests, and of suites after the tests that they have
 */
public record KunitLog(List<Result> results) {

  private static final Pattern BEGIN = Pattern.compile(" *KTAP version \\d+");
  private static final Pattern RESULT =
      Pattern.compile(" *(not ok|ok) \\d{1,9} (\\S+)(?: # SKIP ?(.*))?");
  private static final Pattern DIAGNOSTIC = Pattern.compile(" *# (?!Subtest: |module: )(.*)");

  /** So much of what a test says is kept. */
  private static final int MOST = 20;

  /**
   * What came of a test.
   *
   * @param skipped why it was left out, empty if it was not
   * @param said what it, or the kernel in its time, had to say
   */
  public record Result(String name, boolean passed, Optional<String> skipped, List<String> said) {}

  public KunitLog {
    results = List.copyOf(results);
  }

  /**
   * Reads a boot's log.
   *
   * @param lines as a console has them, with or without time stamps
   */
  public static KunitLog read(List<String> lines) {
    List<Result> results = new ArrayList<>();
    List<String> said = new ArrayList<>();
    boolean began = false;
    for (String stamped : lines) {
      String line = UnittestReader.unstamped(stamped);
      Matcher result = RESULT.matcher(line);
      Matcher diagnostic = DIAGNOSTIC.matcher(line);
      if (BEGIN.matcher(line).matches()) {
        began = true;
        said.clear();
      } else if (began && result.matches()) {
        results.add(
            new Result(
                result.group(2),
                result.group(1).equals("ok"),
                Optional.ofNullable(result.group(3)),
                List.copyOf(said)));
        said.clear();
      } else if (began && said.size() < MOST) {
        if (diagnostic.matches()) {
          said.add(diagnostic.group(1));
        } else if (Sign.ofKernel(line)) {
          said.add("the kernel complains: " + line);
        }
      }
    }
    return new KunitLog(results);
  }

  /** What is wrong with a test, a sentence each: it failed, was left out, or never reported. */
  public List<String> faults(String test) {
    Optional<Result> found = results.stream().filter(each -> each.name().equals(test)).findFirst();
    if (found.isEmpty()) {
      return List.of("it never reported");
    }
    Result result = found.get();
    List<String> faults = new ArrayList<>();
    result.skipped().ifPresent(why -> faults.add("it was left out: " + why));
    if (!result.passed()) {
      faults.add("it failed");
    }
    if (!faults.isEmpty() || result.said().stream().anyMatch(KunitLog::isComplaint)) {
      faults.addAll(result.said());
    }
    return faults;
  }

  private static boolean isComplaint(String said) {
    return said.startsWith("the kernel complains: ");
  }
}
