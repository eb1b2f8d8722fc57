package org.lastref.klog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.lastref.fault.InputFault;

/**
 * What a step may declare of the kernel's log. A pattern is searched for in each line, after its
 * time stamp. A splat with a line that is expected or tolerated is no more than that.
 *
 * @param expected what has to come at least once
 * @param tolerated what may come
 * @param forbidden what must not come although it is no sign of a fault; goes before the others
 */
public record Expectations(
    List<Pattern> expected, List<Pattern> tolerated, List<Pattern> forbidden) {

  private static final Expectations NONE = new Expectations(List.of(), List.of(), List.of());

  public Expectations {
    expected = List.copyOf(expected);
    tolerated = List.copyOf(tolerated);
    forbidden = List.copyOf(forbidden);
  }

  /** Nothing declared: no splat may come. */
  public static Expectations none() {
    return NONE;
  }

  /**
   * With one more that has to come.
   *
   * @throws InputFault if it is no regular expression
   */
  public Expectations expecting(String pattern) {
    return new Expectations(with(expected, pattern), tolerated, forbidden);
  }

  /**
   * With one more that may come.
   *
   * @throws InputFault if it is no regular expression
   */
  public Expectations tolerating(String pattern) {
    return new Expectations(expected, with(tolerated, pattern), forbidden);
  }

  /**
   * With one more that must not come.
   *
   * @throws InputFault if it is no regular expression
   */
  public Expectations forbidding(String pattern) {
    return new Expectations(expected, tolerated, with(forbidden, pattern));
  }

  private static List<Pattern> with(List<Pattern> patterns, String pattern) {
    List<Pattern> more = new ArrayList<>(patterns);
    try {
      more.add(Pattern.compile(pattern));
    } catch (PatternSyntaxException e) {
      throw new InputFault(
          "'%s' is no regular expression for a line of the kernel's log: %s at %d."
              .formatted(pattern, e.getDescription(), e.getIndex()));
    }
    return more;
  }

  /**
   * What came of it.
   *
   * @param missing the expected patterns that no line has
   * @param forbidden the lines that must not have come
   * @param splats those that are neither expected nor tolerated, whatever they mean
   */
  public record Outcome(List<String> missing, List<String> forbidden, List<Splat> splats) {

    public Outcome {
      missing = List.copyOf(missing);
      forbidden = List.copyOf(forbidden);
      splats = List.copyOf(splats);
    }

    /** Whether all is as declared. */
    public boolean kept() {
      return missing.isEmpty() && forbidden.isEmpty() && splats.isEmpty();
    }

    /** The worst that is not as declared, for the class of a verdict; empty if nothing was said. */
    public Optional<Meaning> worst() {
      return splats.stream().map(Splat::meaning).min(Enum::compareTo);
    }

    /** What is not as declared, a sentence each. */
    public List<String> sentences() {
      return Stream.of(
              splats.stream().map(splat -> "the kernel's log: " + splat.title()),
              forbidden.stream()
                  .map(line -> "said in the kernel's log, though it must not be: " + line),
              missing.stream()
                  .map(pattern -> "expected in the kernel's log, but never said: " + pattern))
          .flatMap(each -> each)
          .toList();
    }
  }

  /**
   * Holds it against the lines of a step.
   *
   * @param lines as the console had them
   */
  public Outcome judge(List<String> lines) {
    List<String> texts = lines.stream().map(line -> LogLine.of(line).text()).toList();
    return new Outcome(
        expected.stream()
            .filter(pattern -> texts.stream().noneMatch(text -> pattern.matcher(text).find()))
            .map(Pattern::pattern)
            .toList(),
        texts.stream().filter(text -> any(forbidden, text)).toList(),
        Splats.in(lines).stream().filter(splat -> !declared(splat)).toList());
  }

  private boolean declared(Splat splat) {
    return splat.lines().stream()
        .map(line -> LogLine.of(line).text())
        .anyMatch(text -> any(expected, text) || any(tolerated, text));
  }

  private static boolean any(List<Pattern> patterns, String text) {
    return patterns.stream().anyMatch(pattern -> pattern.matcher(text).find());
  }
}
