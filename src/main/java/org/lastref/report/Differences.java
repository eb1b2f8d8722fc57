package org.lastref.report;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;
import org.lastref.verify.Application;
import org.lastref.verify.Holding;

/**
 * What is otherwise in one run than in another: of the same cases, what came of the overlays, whose
 * links there were, who held what, and the verdicts; and how it came to that, where it was so in
 * every cycle of one and in none of the other. How often something happened is no difference: both
 * kernels may race.
 *
 * @param one the kernel of the first run
 * @param other the kernel of the second
 * @param cases those that differ
 * @param compared the cases that both came to a verdict in
 * @param alone how many cases only one of them did
 */
public record Differences(
    String one, String other, List<Differing> cases, List<String> compared, int alone) {

  /** JUnit's name of the class. */
  private static final String CLASS = "compare";

  /** What the kernel numbers in the order of their coming, as a pattern. */
  public static final String NUMBERED_KINDS =
      "gpiochip|regulator\\.|i2c-|spi|rtc|input|event|iio:device|hwmon";

  private static final Pattern NUMBERED = Pattern.compile("\\b(" + NUMBERED_KINDS + ")\\d+");

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
    compared = List.copyOf(compared);
  }

  /**
   * Compares two runs by their cases' ids.
   *
   * @param courses what the cycles of a case went through, a set for each that is known
   */
  public static Differences of(
      RunReport one,
      RunReport other,
      BiFunction<RunReport, CaseResult, List<NavigableSet<String>>> courses) {
    Map<String, CaseResult> before =
        one.cases().stream()
            .filter(Differences::isTold)
            .collect(
                Collectors.toMap(
                    CaseResult::id, Function.identity(), (a, b) -> a, LinkedHashMap::new));
    List<Differing> cases = new ArrayList<>();
    List<String> compared = new ArrayList<>();
    int alone = 0;
    for (CaseResult now : other.cases()) {
      CaseResult was = isTold(now) ? before.remove(now.id()) : null;
      if (was == null) {
        alone += isTold(now) ? 1 : 0;
        continue;
      }
      compared.add(now.id());
      List<String> what = what(was, now);
      List<NavigableSet<String>> then = courses.apply(one, was);
      List<NavigableSet<String>> since = courses.apply(other, now);
      both("", always(then), ever(then), always(since), ever(since), what);
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
    // A kernel may win or lose the same race.
    boolean raced =
        was.status() == Status.PASSED
            && now.status() == Status.PASSED
            && ("any".equals(now.planned().properties().get("grace"))
                || (hasSeveralOutcomes(before) && hasSeveralOutcomes(after)));
    if (before.word().kind() != after.word().kind() && !raced) {
      what.add("verdict: %s, now %s: %s".formatted(before.word(), after.word(), now.headline()));
    }
    placed(before.application(), after.application(), what);
    both("link", links(before), links(after), what);
    both("held for ever by", lost(before), lost(after), what);
    return what;
  }

  /** Whether its model allows more than one: which it is then is a matter of luck. */
  private static boolean hasSeveralOutcomes(Facts facts) {
    return facts.coverage() != null && facts.coverage().covered().outcomesPossible() > 1;
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
    both(kind + " ", before, before, after, after, what);
  }

  /** Of what is so in all cycles of the one, what is so in none of the other. */
  private static void both(
      String kind,
      SortedSet<String> alwaysBefore,
      SortedSet<String> everBefore,
      SortedSet<String> alwaysAfter,
      SortedSet<String> everAfter,
      List<String> what) {
    alwaysBefore.stream()
        .filter(each -> !everAfter.contains(each))
        .forEach(each -> what.add("%s%s: no more".formatted(kind, each)));
    alwaysAfter.stream()
        .filter(each -> !everBefore.contains(each))
        .forEach(each -> what.add("%s%s: new".formatted(kind, each)));
  }

  private static NavigableSet<String> always(List<NavigableSet<String>> cycles) {
    NavigableSet<String> all = ever(cycles);
    cycles.forEach(all::retainAll);
    return all;
  }

  private static NavigableSet<String> ever(List<NavigableSet<String>> cycles) {
    return cycles.stream()
        .flatMap(NavigableSet::stream)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Whether the second breaks what the first keeps. */
  public boolean breaks() {
    return cases.stream().anyMatch(Differing::breaks);
  }

  /** As JSON, with a newline at the end. */
  public String toJson() {
    return Json.text(this);
  }

  /**
   * Keeps them: {@code compare.json}, {@code summary.txt} for a mail, and in {@code junit} a case
   * for each that was compared, which fails if it is broken.
   *
   * @param folder made if it is not there
   * @param other the second run
   * @throws LabFault if it cannot be written
   */
  public void keep(Path folder, RunReport other) {
    Map<String, Differing> differing =
        cases.stream().collect(Collectors.toMap(Differing::id, each -> each, (a, b) -> a));
    List<CaseResult> results =
        other.cases().stream()
            .filter(each -> compared.contains(each.id()))
            .map(each -> result(each, differing.get(each.id())))
            .toList();
    try {
      Files.createDirectories(folder.resolve("junit"));
    } catch (IOException e) {
      throw new LabFault("cannot make the results: " + AtomicFile.reason(folder, e), e);
    }
    AtomicFile.write(folder.resolve("compare.json"), toJson().getBytes(StandardCharsets.UTF_8));
    AtomicFile.write(folder.resolve("summary.txt"), text().getBytes(StandardCharsets.UTF_8));
    AtomicFile.write(
        folder.resolve("junit").resolve("TEST-" + CLASS + ".xml"),
        JunitXml.suite(CLASS, other.run(), results, folder));
  }

  private static CaseResult result(CaseResult now, @Nullable Differing differing) {
    PlannedCase planned =
        new PlannedCase(now.id(), CLASS, now.name(), now.properties(), now.rerun());
    String headline = differing == null ? "" : differing.what().get(0);
    String detail = differing == null ? "" : String.join("\n", differing.what());
    return new CaseResult(
        planned,
        differing != null && differing.breaks() ? Status.FAILED : Status.PASSED,
        new Try(now.last().started(), now.last().took(), headline, detail, List.of(), List.of()),
        List.of(),
        null);
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
                compared.size(),
                one,
                other,
                alone == 0 ? "" : "; %d are in one of both alone".formatted(alone)));
    return text.toString();
  }
}
