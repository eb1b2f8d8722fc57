package org.lastref.report;

import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lastref.fault.Defect;
import org.lastref.fault.Fault;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;
import org.lastref.klog.Splat;
import org.lastref.verify.Explanation;
import org.lastref.verify.Finding;
import org.lastref.verify.Seen;
import org.lastref.verify.Verdict;

/**
 * What is told of a case, made of the verdicts on its cycles.
 *
 * @param word for the table
 * @param headline one sentence
 * @param detail lines, or empty
 * @param coverage how much of what the model allows was seen, as properties of the case
 */
public record CaseOutcome(
    Status status,
    String word,
    String headline,
    String detail,
    SortedMap<String, String> coverage) {

  private static final String LEAKS = "leaks";
  private static final int MAX_FINDINGS = 10;

  /** Events to be judged in the search for a repair: a fraction of a second a case that differs. */
  private static final long REPAIR_BUDGET = 500_000;

  /**
   * Tells what came of a case, or what kept it from a verdict.
   *
   * @param blame is told of a fault that the user has to know of at the end
   */
  public static CaseOutcome tried(Supplier<CaseOutcome> attempt, Consumer<Fault> blame) {
    try {
      return attempt.get();
    } catch (InputFault e) {
      blame.accept(e);
      return new CaseOutcome(Status.ERROR, "refused", e.getMessage(), "", new TreeMap<>());
    } catch (LabFault e) {
      return noVerdict(e);
    } catch (RuntimeException | StackOverflowError e) {
      LabFault defect = Defect.of(e);
      blame.accept(defect);
      return noVerdict(defect);
    }
  }

  public static CaseOutcome noVerdict(Fault fault) {
    return new CaseOutcome(Status.ERROR, "no verdict", fault.getMessage(), "", new TreeMap<>());
  }

  /**
   * Tells of verdicts.
   *
   * @param verdicts at least one, a cycle each; only the last may differ from the model
   * @param explanation explains the last, judging so many events on the way at most
   * @param explain the command that explains it
   */
  public static CaseOutcome of(
      CaseCoverage coverage,
      List<Verdict> verdicts,
      LongFunction<Explanation> explanation,
      String explain) {
    Verdict last = verdicts.get(verdicts.size() - 1);
    if (!last.conforms()) {
      List<Finding> findings = last.findings();
      StringBuilder detail = new StringBuilder(why(explanation, explain));
      for (Finding finding : findings.subList(1, Math.min(MAX_FINDINGS, findings.size()))) {
        detail.append(finding.sentence()).append('\n');
      }
      if (findings.size() > MAX_FINDINGS) {
        detail.append("and %d more\n".formatted(findings.size() - MAX_FINDINGS));
      }
      String headline =
          "cycle %d differs from the model: %s"
              .formatted(verdicts.size(), findings.get(0).sentence());
      return new CaseOutcome(
          Status.FAILED, "differs", headline, detail.toString(), coverage.properties());
    }
    long leaking = verdicts.stream().filter(verdict -> !verdict.keepsPromise()).count();
    if (leaking == 0) {
      return new CaseOutcome(
          Status.PASSED,
          "clean",
          "clean, as modelled" + unbinding(verdicts),
          coverage.describe(),
          coverage.properties());
    }
    SortedSet<String> leaked = leaked(verdicts);
    String does = leaked.isEmpty() ? "breaks" : LEAKS;
    String headline =
        "%s as modelled in %d of %d cycles: %s%s"
            .formatted(
                leaked.isEmpty() ? "breaks its promise" : does,
                leaking,
                verdicts.size(),
                Stream.concat(
                        Stream.of(String.join(" ", leaked)).filter(each -> !each.isEmpty()),
                        broken(verdicts).stream())
                    .collect(Collectors.joining("; ")),
                unbinding(verdicts));
    return new CaseOutcome(
        Status.PASSED,
        "%s %d/%d".formatted(does, leaking, verdicts.size()),
        headline,
        coverage.describe(),
        coverage.properties());
  }

  /** Whether nodes were reported, as the model has it. */
  public boolean leaks() {
    return status == Status.PASSED && word.startsWith(LEAKS);
  }

  /** The same case if the kernel complained outside of the steps, which no model allows. */
  public CaseOutcome complained(List<Splat> splats) {
    Splat first = splats.get(0);
    return new CaseOutcome(
        Status.FAILED,
        "bug",
        "the kernel's log, beside the steps: " + first.title(),
        String.join("\n", first.lines()),
        coverage);
  }

  /** The same with something added to its sentence. */
  public CaseOutcome adding(String more) {
    return new CaseOutcome(status, word, headline + "; " + more, detail, coverage);
  }

  private static String unbinding(List<Verdict> verdicts) {
    OptionalLong micros = unbindingMicros(verdicts);
    return micros.isEmpty() ? "" : "; unbinding took %.1f ms".formatted(micros.getAsLong() / 1e3);
  }

  /** How long unbinding by hand took before a removal, in the middle of all; none if none was. */
  private static OptionalLong unbindingMicros(List<Verdict> verdicts) {
    long[] sorted =
        verdicts.stream()
            .flatMap(verdict -> verdict.seen().stream())
            .mapToLong(Seen::unbinding)
            .filter(micros -> micros > 0)
            .sorted()
            .toArray();
    return sorted.length == 0
        ? OptionalLong.empty()
        : OptionalLong.of(sorted[(sorted.length - 1) / 2]);
  }

  /** What a reader of the report is told first; the rest is {@code explain}'s to tell. */
  private static String why(LongFunction<Explanation> explained, String explain) {
    Explanation explanation = explained.apply(REPAIR_BUDGET);
    StringBuilder why = new StringBuilder();
    if (explanation.divergence() != null) {
      why.append("because ").append(explanation.divergence().because()).append('\n');
    }
    explanation.repairs().stream()
        .findFirst()
        .ifPresent(repair -> why.append("it would conform otherwise: " + repair.sentence() + "\n"));
    return why.append("why: ").append(explain).append('\n').toString();
  }

  /**
   * The result for the report.
   *
   * @param began the case, which ends now
   * @param properties what places it in the table; completed here
   */
  public CaseResult result(
      String id,
      String className,
      String title,
      Stopwatch began,
      SortedMap<String, String> properties,
      List<Verdict> verdicts,
      String rerun,
      List<String> console,
      List<String> attachments) {
    properties.putAll(coverage);
    properties.put("verdict", word);
    properties.put("cycles", "" + verdicts.size());
    properties.put("leaked", String.join(" ", leaked(verdicts)));
    SortedSet<String> broken = broken(verdicts);
    if (!broken.isEmpty()) {
      properties.put("broken", String.join("; ", broken));
    }
    unbindingMicros(verdicts).ifPresent(micros -> properties.put("unbinding_us", "" + micros));
    properties.put("events", "" + verdicts.stream().mapToInt(Verdict::events).sum());
    return new CaseResult(
        id,
        className,
        title,
        status,
        began.at(),
        began.took(),
        headline,
        detail,
        properties,
        rerun,
        console,
        attachments);
  }

  private static SortedSet<String> leaked(List<Verdict> verdicts) {
    SortedSet<String> leaked = new TreeSet<>();
    verdicts.forEach(verdict -> leaked.addAll(verdict.leaked()));
    return leaked;
  }

  private static SortedSet<String> broken(List<Verdict> verdicts) {
    SortedSet<String> broken = new TreeSet<>();
    verdicts.forEach(verdict -> broken.addAll(verdict.broken()));
    return broken;
  }
}
