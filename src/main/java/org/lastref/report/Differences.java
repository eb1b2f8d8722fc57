package org.lastref.report;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lastref.verify.Application;
import org.lastref.verify.Holding;

/**
 * What is otherwise in one run than in another: of the same cases, what came of the overlays, whose
 * links there were, who held what, and the verdicts. How often something happened is no difference:
 * both kernels may race.
 *
 * @param one the kernel of the first run
 * @param other the kernel of the second
 * @param cases those that differ
 * @param compared how many cases both came to a verdict in
 * @param alone how many cases only one of them did
 */
public record Differences(
    String one, String other, List<Differing> cases, int compared, int alone) {

  /** What the kernel numbers in the order of their coming. */
  private static final Pattern NUMBERED =
      Pattern.compile("\\b(gpiochip|regulator\\.|i2c-|spi|rtc|input|event|iio:device|hwmon)\\d+");

  /**
   * A case that differs.
   *
   * @param breaks whether it passed in the first run alone
   * @param what a sentence each
   * @param command runs it again on the second kernel
   */
  public record Differing(String id, boolean breaks, List<String> what, String command) {
    public Differing {
      what = List.copyOf(what);
    }
  }

  public Differences {
    cases = List.copyOf(cases);
  }

  /** Compares two runs by their cases' ids. */
  public static Differences of(RunReport one, RunReport other) {
    Map<String, CaseResult> before =
        one.cases().stream()
            .filter(Differences::isTold)
            .collect(
                Collectors.toMap(
                    CaseResult::id, Function.identity(), (a, b) -> a, LinkedHashMap::new));
    List<Differing> cases = new ArrayList<>();
    int compared = 0;
    int alone = 0;
    for (CaseResult now : other.cases()) {
      CaseResult was = isTold(now) ? before.remove(now.id()) : null;
      if (was == null) {
        alone += isTold(now) ? 1 : 0;
        continue;
      }
      compared++;
      List<String> what = what(was, now);
      if (!what.isEmpty()) {
        boolean breaks = was.status() == Status.PASSED && now.status() == Status.FAILED;
        cases.add(new Differing(now.id(), breaks, what, now.rerun()));
      }
    }
    return new Differences(
        kernel(one, "the first run's"),
        kernel(other, "the second run's"),
        cases,
        compared,
        alone + before.size());
  }

  private static boolean isTold(CaseResult each) {
    return each.facts() != null;
  }

  private static String kernel(RunReport report, String otherwise) {
    return report.run().kernel() == null
        ? otherwise
        : report.run().kernel().release() + ", " + report.run().kernel().sourceVersion();
  }

  private static List<String> what(CaseResult was, CaseResult now) {
    List<String> what = new ArrayList<>();
    Facts before = requireNonNull(was.facts());
    Facts after = requireNonNull(now.facts());
    // With both timings open, a kernel may win or lose the same race.
    boolean raced =
        was.status() == Status.PASSED
            && now.status() == Status.PASSED
            && "any".equals(now.planned().properties().get("grace"));
    if (before.word().kind() != after.word().kind() && !raced) {
      what.add("verdict: %s, now %s: %s".formatted(before.word(), after.word(), now.headline()));
    }
    placed(before.application(), after.application(), what);
    both("link", links(before), links(after), what);
    both("held for ever by", lost(before), lost(after), what);
    return what;
  }

  private static void placed(Application before, Application after, List<String> what) {
    Map<String, Application.Placed> nodes =
        before.placed().stream()
            .collect(Collectors.toMap(Application.Placed::path, each -> each, (a, b) -> a));
    for (Application.Placed now : after.placed()) {
      Application.Placed was = nodes.get(now.path());
      if (was != null && was.state() != now.state()) {
        what.add("%s: %s, now: %s".formatted(now.path(), before.why(was), after.why(now)));
      }
    }
  }

  private static SortedSet<String> links(Facts facts) {
    return sorted(
        facts.application().links().stream().filter(each -> each.there()).map(each -> each.name()));
  }

  private static SortedSet<String> lost(Facts facts) {
    return sorted(facts.holdings().stream().filter(Holding::isLost).map(HolderText::who));
  }

  private static SortedSet<String> sorted(Stream<String> words) {
    return words
        .map(each -> NUMBERED.matcher(each).replaceAll("$1N"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static void both(
      String kind, SortedSet<String> before, SortedSet<String> after, List<String> what) {
    before.stream()
        .filter(each -> !after.contains(each))
        .forEach(each -> what.add("%s %s: no more".formatted(kind, each)));
    after.stream()
        .filter(each -> !before.contains(each))
        .forEach(each -> what.add("%s %s: new".formatted(kind, each)));
  }

  /** Whether the second breaks what the first keeps. */
  public boolean breaks() {
    return cases.stream().anyMatch(Differing::breaks);
  }

  /** As JSON, with a newline at the end. */
  public String toJson() {
    return Json.text(this);
  }

  /** For a terminal and a mail, ending in a newline: what differs in the same way is told once. */
  public String text() {
    Map<List<String>, List<Differing>> alike = new LinkedHashMap<>();
    cases.forEach(each -> alike.computeIfAbsent(each.what(), what -> new ArrayList<>()).add(each));
    StringBuilder text = new StringBuilder();
    alike.forEach(
        (what, all) -> {
          Differing first = all.get(0);
          text.append(first.breaks() ? "BREAKS  " : "differs ").append(Text.printable(first.id()));
          text.append(all.size() > 1 ? " and %d more\n".formatted(all.size() - 1) : "\n");
          what.forEach(each -> text.append("        ").append(Text.printable(each)).append('\n'));
          text.append("        run again: ").append(Text.printable(first.command())).append("\n\n");
        });
    text.append(
        "%d of %d cases differ between %s and %s%s\n"
            .formatted(
                cases.size(),
                compared,
                one,
                other,
                alone == 0 ? "" : "; %d are in one of both alone".formatted(alone)));
    return text.toString();
  }
}
