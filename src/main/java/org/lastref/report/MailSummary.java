package org.lastref.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.lastref.model.Policy;
import org.lastref.verify.Holding;

/**
 * What a run says of a kernel of the user's own, to be pasted below the patch in a mail: plain text
 * of {@value #COLUMNS} columns at most, commands and what cannot be broken excepted.
 */
public final class MailSummary {

  static final int COLUMNS = 72;

  private static final int MAX_NAMED = 6;

  /** As wide as words commonly are. */
  private static final int WORD = 12;

  private final RunReport report;
  private final List<CaseResult> judged;
  private final StringBuilder out = new StringBuilder();

  private MailSummary(RunReport report) {
    this.report = report;
    judged = report.cases().stream().filter(CaseResult::isVerdict).toList();
  }

  /**
   * Sums a run up.
   *
   * @param report of cases of such a kernel alone
   * @param rerun the command that does all of it again
   */
  public static String of(RunReport report, Tested tested, String rerun) {
    MailSummary summary = new MailSummary(report);
    summary.subject(tested);
    summary.table();
    summary.promise();
    summary.likeness();
    summary.signature(tested, rerun);
    return summary.out.toString();
  }

  private void subject(Tested tested) {
    out.append("Devicetree overlays applied and removed, every reference watched:\n\n");
    Tested.Tree tree = tested.tree();
    if (tree != null) {
      field("Tree", tree.commit().isEmpty() ? tree.path() : tree.commit() + " " + tree.subject());
    }
    for (Tested.Patch patch : tested.patches()) {
      field("Patch", patch.subject().isEmpty() ? patch.name() : patch.subject());
      field("", "%s, sha256 %s".formatted(patch.name(), patch.sha256().substring(0, 16)));
    }
    RunInfo.Kernel kernel = report.run().kernel();
    if (kernel != null) {
      String source = kernel.sourceVersion();
      field("Base", (source == null ? "" : source + ", ") + "arm64, uname -r " + kernel.release());
    }
    String lacks = report.run().provenance().get("lacks");
    if (lacks != null) {
      field("Lacks", lacks + ", for it has not our patches for that");
    }
    added("Config", "config.");
    added("Module", "module.");
    field("Board", report.run().board());
    field("Cases", "%d, %d cycles".formatted(report.cases().size(), cycles(judged)));
    out.append('\n');
  }

  /** What the author added beside the patch, of which the run keeps names and hashes. */
  private void added(String label, String prefix) {
    report
        .run()
        .provenance()
        .forEach(
            (name, hash) -> {
              if (name.startsWith(prefix)) {
                String sha256 = hash.replace("sha256:", "sha256 ");
                String brief = sha256.substring(0, Math.min(sha256.length(), 23));
                field(label, name.substring(prefix.length()) + ", " + brief);
              }
            });
  }

  private void field(String name, String value) {
    String label = name.isEmpty() ? " ".repeat(8) : Text.padded(name + ":", 8);
    wrapped(label, " ".repeat(8), value);
  }

  private void table() {
    Set<String> timings = new LinkedHashSet<>();
    Map<String, Map<String, String>> rows = new LinkedHashMap<>();
    for (CaseResult each : report.cases()) {
      String timing = "grace=" + each.properties().getOrDefault("grace", "?");
      timings.add(timing);
      rows.computeIfAbsent(
              each.properties().getOrDefault("overlay", "?"), overlay -> new LinkedHashMap<>())
          .put(timing, word(each));
    }
    TextTable table = new TextTable(COLUMNS / 2);
    row(table, "overlay", List.copyOf(timings));
    rows.forEach(
        (overlay, words) ->
            row(table, overlay, timings.stream().map(t -> words.getOrDefault(t, "-")).toList()));
    out.append(table);
    if (timings.contains("grace=slow")) {
      out.append("(slow: srcutree.exp_holdoff=0, no grace period is expedited)\n");
    }
    out.append('\n');
  }

  private static void row(TextTable table, String name, List<String> words) {
    List<String> cells = new ArrayList<>(List.of(name));
    words.forEach(word -> cells.add(Text.padded(word, WORD)));
    table.add("  ", cells);
  }

  private static String word(CaseResult result) {
    return switch (result.status()) {
      case PASSED -> result.verdict();
      case FAILED -> result.verdict().toUpperCase(Locale.ROOT);
      case ERROR -> CaseWord.Kind.NO_VERDICT.toString();
      case SKIPPED -> result.notRun() ? "not run" : result.verdict();
    };
  }

  private void promise() {
    List<CaseResult> broken =
        judged.stream().filter(each -> each.status() == Status.FAILED).toList();
    if (judged.isEmpty()) {
      paragraph("Nothing can be said of this kernel: no case came to a verdict.");
    } else if (broken.isEmpty()) {
      paragraph(
          "The promise is kept: in %d of %d cycles no node was reported as leaked, every reference was given back and the log said nothing worse."
              .formatted(cycles(judged), cycles(judged)));
    } else {
      paragraph("The promise is broken in %d of %d cases:".formatted(broken.size(), judged.size()));
      for (CaseResult each : broken.subList(0, Math.min(MAX_NAMED, broken.size()))) {
        List<String> breaches = facts(each).map(Facts::breaches).orElse(List.of());
        String why = breaches.isEmpty() ? each.headline() : String.join("; ", breaches);
        wrapped("- ", "  ", each.name() + ": " + why);
      }
      if (broken.size() > MAX_NAMED) {
        out.append("- and %d more\n".formatted(broken.size() - MAX_NAMED));
      }
      out.append('\n');
    }
    if (judged.size() < report.cases().size()) {
      paragraph(
          "%d of %d cases came to no verdict, which says nothing of the kernel."
              .formatted(report.cases().size() - judged.size(), report.cases().size()));
    }
  }

  private void likeness() {
    List<CaseResult> telling =
        judged.stream().filter(each -> facts(each).map(Facts::likeness).isPresent()).toList();
    if (telling.isEmpty()) {
      if (judged.stream().anyMatch(MailSummary::losesElsewhere)) {
        paragraph(
            "How device links let go is not told: references are lost elsewhere in every case.");
      }
      return;
    }
    Set<Policy> left = left(telling);
    if (!left.isEmpty()) {
      paragraph(
          (left.size() == 1
                  ? "Device links let go as under the known policy %s."
                  : "Device links let go as under one of these known policies, which these cycles do not tell apart: %s.")
              .formatted(policies(left)));
      return;
    }
    Map<String, List<CaseResult>> byTiming =
        telling.stream()
            .collect(
                Collectors.groupingBy(
                    each -> each.properties().getOrDefault("grace", "?"),
                    LinkedHashMap::new,
                    Collectors.toList()));
    List<String> parts = new ArrayList<>();
    byTiming.forEach(
        (timing, cases) -> {
          Set<Policy> of = left(cases);
          if (!of.isEmpty()) {
            parts.add("under grace=%s as %s".formatted(timing, policies(of)));
          }
        });
    paragraph(
        "Device links let go in a way that no known policy explains as a whole"
            + (parts.isEmpty() ? "." : ": " + String.join("; ", parts) + "."));
    List<CaseResult> strange = judged.stream().filter(each -> nearest(each).isPresent()).toList();
    if (!strange.isEmpty()) {
      CaseResult first = strange.get(0);
      paragraph(
          "%d of %d cases are like none, %s the first: %s"
              .formatted(
                  strange.size(),
                  judged.size(),
                  first.name(),
                  nearest(first).map(Likeness.Nearest::sentence).orElse("")));
    }
  }

  private static boolean losesElsewhere(CaseResult result) {
    return facts(result).stream()
        .flatMap(each -> each.holdings().stream())
        .anyMatch(Holding::isLost);
  }

  private static Optional<Facts> facts(CaseResult result) {
    return Optional.ofNullable(result.facts());
  }

  private static Optional<Likeness.Nearest> nearest(CaseResult result) {
    return facts(result).map(Facts::likeness).map(Likeness::nearest);
  }

  /** The policies that are left by all cases, whatever their timing. */
  private static Set<Policy> left(List<CaseResult> cases) {
    return cases.stream()
        .map(each -> facts(each).map(Facts::likeness).map(Likeness::left).orElse(List.of()))
        .map(left -> left.stream().map(MailSummary::untimed).collect(Collectors.toSet()))
        .reduce(
            (one, other) -> {
              one.retainAll(other);
              return one;
            })
        .orElse(Set.of());
  }

  private static Policy untimed(Policy policy) {
    return new Policy(policy.release(), policy.fix(), Policy.Grace.ANY);
  }

  /** By fix: {@code call-srcu or system-wq with none}. */
  private static String policies(Set<Policy> left) {
    Map<String, Set<String>> byFix = new TreeMap<>();
    left.forEach(
        each ->
            byFix
                .computeIfAbsent(each.fix().toString(), fix -> new TreeSet<>())
                .add(each.release().toString()));
    List<String> policies = new ArrayList<>();
    byFix.forEach(
        (fix, releases) ->
            policies.add(
                releases.size() == Policy.Release.values().length
                    ? fix + " with any release"
                    : (releases.size() == 1 ? "" : "release ")
                        + either(List.copyOf(releases))
                        + " with "
                        + fix));
    return String.join(", or ", policies);
  }

  private static String either(List<String> words) {
    int last = words.size() - 1;
    return last == 0
        ? words.get(0)
        : String.join(", ", words.subList(0, last)) + " or " + words.get(last);
  }

  private void signature(Tested tested, String rerun) {
    String revision = report.run().revision();
    out.append("Tested-with: Lastref ")
        .append(revision == null ? "(unknown revision)" : revision)
        .append('\n');
    out.append("  ").append(Text.line(rerun)).append('\n');
    Tested.Tree tree = tested.tree();
    if (tree != null && !tree.commit().isEmpty()) {
      out.append("  (")
          .append(Text.line(tree.path()))
          .append(" at ")
          .append(tree.commit())
          .append(")\n");
    }
  }

  private static int cycles(List<CaseResult> cases) {
    return cases.stream()
        .mapToInt(each -> facts(each).map(facts -> facts.cycles().count()).orElse(0))
        .sum();
  }

  private void paragraph(String text) {
    wrapped("", "", text);
    out.append('\n');
  }

  /** Breaks at blanks; a word that is too long has a line of its own. */
  private void wrapped(String indent, String further, String text) {
    StringBuilder line = new StringBuilder(indent);
    boolean empty = true;
    for (String word : Text.line(text).strip().split(" +", -1)) {
      if (!empty && Text.width(line + " " + word) > COLUMNS) {
        TextTable.line(out, line);
        line = new StringBuilder(further);
        empty = true;
      }
      line.append(empty ? "" : " ").append(word);
      empty = false;
    }
    TextTable.line(out, line);
  }
}
