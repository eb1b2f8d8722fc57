package org.lastref.report;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.Defect;
import org.lastref.fault.Fault;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;
import org.lastref.klog.Sign;
import org.lastref.klog.Splat;
import org.lastref.model.Policy;
import org.lastref.model.Refcounts;
import org.lastref.report.CaseWord.Kind;
import org.lastref.verify.Application;
import org.lastref.verify.Explanation;
import org.lastref.verify.Finding;
import org.lastref.verify.Holding;
import org.lastref.verify.KeptModule;
import org.lastref.verify.Verdict;

/**
 * What came of a case.
 *
 * @param headline one sentence
 * @param detail lines, or empty
 */
public record CaseOutcome(Status status, Facts facts, String headline, String detail) {

  private static final Set<Finding.Type> OUTSIDE =
      Set.of(Finding.Type.LEFT, Finding.Type.STANDS, Finding.Type.WAITS);

  private static final String BROKEN = "the promise is broken: ";

  /** Events to be judged in the search for a repair: a fraction of a second a case that differs. */
  private static final long REPAIR_BUDGET = 500_000;

  /** One without a model. */
  public CaseOutcome(Status status, CaseWord word, String headline, String detail) {
    this(status, new Facts(word, Cycles.NONE, null, null, List.of(), List.of()), headline, detail);
  }

  /** One of which nothing is counted. */
  public CaseOutcome(Status status, Kind word, String headline, String detail) {
    this(status, new CaseWord(word), headline, detail);
  }

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
      return new CaseOutcome(Status.ERROR, Kind.REFUSED, e.getMessage(), "");
    } catch (LabFault e) {
      return noVerdict(e);
    } catch (RuntimeException | StackOverflowError e) {
      LabFault defect = Defect.of(e);
      blame.accept(defect);
      return noVerdict(defect);
    }
  }

  public static CaseOutcome noVerdict(Fault fault) {
    return new CaseOutcome(Status.ERROR, Kind.NO_VERDICT, fault.getMessage(), "");
  }

  /**
   * Tells of verdicts by a model.
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
    int count = verdicts.size();
    Cycles cycles = Cycles.of(verdicts);
    List<Finding> findings = findings(verdicts);
    int breaking = (int) verdicts.stream().filter(verdict -> !verdict.keepsPromise()).count();
    CaseWord word =
        !findings.isEmpty()
            ? new CaseWord(outside(findings) ? kind(findings.get(0)) : Kind.DIFFERS)
            : breaking == 0
                ? new CaseWord(Kind.CLEAN)
                : new CaseWord(
                    cycles.leaked().isEmpty() ? Kind.BREAKS : Kind.LEAKS, breaking, count);
    List<Holding> holdings = holdings(verdicts);
    Facts facts =
        new Facts(word, cycles, coverage.bounded(), null, holdings, List.of())
            .withKept(verdicts.get(count - 1).kept())
            .withFirst(findings);
    return findings.isEmpty()
        ? new CaseOutcome(
            Status.PASSED,
            facts,
            CaseText.asModelled(facts),
            coverage.describe() + CaseText.holders(holdings))
        : new CaseOutcome(
            Status.FAILED,
            facts,
            "cycle %d %s: %s"
                .formatted(
                    cycle(verdicts),
                    outside(findings) ? "ends otherwise" : "differs from the model",
                    CaseText.headline(findings.get(0), holdings, facts.kept()) + left(verdicts)),
            CaseText.holders(holdings)
                + CaseText.kept(facts.kept())
                + CaseText.whyDiffers(explanation.apply(REPAIR_BUDGET), findings, explain));
  }

  /**
   * Tells of verdicts by the promise of every kernel.
   *
   * @param verdicts the same
   * @param likeness what the kernel is like; null if no cycle tells
   * @param explain the same
   */
  public static CaseOutcome ofPromise(
      @Nullable Likeness likeness, List<Verdict> verdicts, String explain) {
    int count = verdicts.size();
    Cycles cycles = Cycles.of(verdicts);
    List<Finding> worse = findings(verdicts);
    List<KeptModule> kept = verdicts.get(count - 1).kept();
    int leaking = (int) verdicts.stream().filter(each -> !each.leaked().isEmpty()).count();
    List<String> breaches = new ArrayList<>();
    if (leaking > 0) {
      breaches.add(
          "in %d of %d cycles it reports %s"
              .formatted(leaking, count, String.join(" ", cycles.leaked())));
    }
    List<Holding> holdings = holdings(verdicts);
    if (!worse.isEmpty()) {
      breaches.add(
          "in cycle %d, %s"
              .formatted(
                  cycle(verdicts),
                  CaseText.headline(worse.get(0), holdings, kept) + left(verdicts)));
    }
    boolean known = likeness == null || likeness.nearest() == null;
    CaseWord word =
        leaking > 0
            ? new CaseWord(Kind.LEAKS, leaking, count)
            : new CaseWord(
                !worse.isEmpty() ? kind(worse.get(0)) : known ? Kind.CLEAN : Kind.CLEAN_NEW);
    return new CaseOutcome(
        breaches.isEmpty() ? Status.PASSED : Status.FAILED,
        new Facts(word, cycles, null, likeness, holdings, breaches).withKept(kept).withFirst(worse),
        breaches.isEmpty()
            ? "the promise is kept, %s known policies do".formatted(known ? "as" : "but not as")
            : BROKEN + String.join("; ", breaches),
        CaseText.holders(holdings) + CaseText.likeness(likeness, kept, worse, explain));
  }

  /** The same where links are not looked at. */
  public static CaseOutcome ofPromise(List<Verdict> verdicts, String explain) {
    CaseOutcome promised = ofPromise(null, verdicts, explain);
    List<Finding> findings = findings(verdicts);
    boolean kept = promised.status() == Status.PASSED;
    return new CaseOutcome(
        promised.status(),
        promised.facts(),
        kept ? "the promise is kept" : promised.headline(),
        kept
            ? ""
            : CaseText.holders(promised.facts().holdings())
                + CaseText.kept(promised.facts().kept())
                + CaseText.sentences(findings)
                + CaseText.why(explain));
  }

  /**
   * Tells of verdicts on what the model does not know, by what holds for any driver. Links let go
   * as their policy has it; for all else it plays no part.
   *
   * @param policy the kernel's
   * @param verdicts the same
   * @param explain the same
   */
  public static CaseOutcome ofObserved(Policy policy, List<Verdict> verdicts, String explain) {
    CaseOutcome promised = ofPromise(null, verdicts, explain);
    Facts facts = promised.facts();
    List<Finding> findings = findings(verdicts);
    List<Finding> apply =
        findings.stream().filter(each -> each.type() == Finding.Type.APPLY).toList();
    boolean leaks = verdicts.stream().anyMatch(each -> !each.leaked().isEmpty());
    boolean byPolicy = policy.fix() != Policy.Fix.WAIT_REMOVAL && byLinks(facts.holdings());
    String holders = CaseText.holders(facts.holdings()) + CaseText.kept(facts.kept());
    if (apply.size() < findings.size() || (leaks && !byPolicy)) {
      return new CaseOutcome(
          Status.FAILED,
          facts,
          promised.headline(),
          holders + CaseText.sentences(findings) + CaseText.why(explain));
    }
    String balance =
        leaks
            ? promised.word()
                + ", for device links let go late, and under this policy nothing waits"
            : "all that was taken came back in time";
    return apply.isEmpty()
        ? new CaseOutcome(Status.PASSED, facts, (leaks ? "" : "clean: ") + balance, holders)
        : new CaseOutcome(
            Status.FAILED,
            facts.with(Kind.UNPROBED),
            "%s %s; %s".formatted(apply.get(0).object(), apply.get(0).seen(), balance),
            holders + CaseText.why(explain));
  }

  /** Whether all that was out was so until device links let go of it. */
  private static boolean byLinks(List<Holding> holdings) {
    return !holdings.isEmpty()
        && holdings.stream()
            .allMatch(
                each ->
                    each.state() == Holding.State.LATE
                        && each.given() != null
                        && each.given().chain().functions().stream().anyMatch(Refcounts::isLinks));
  }

  /** The same with what came of the application: what no driver took was not tested. */
  public CaseOutcome of(Application seen) {
    Facts told = facts.with(seen);
    int wanted = seen.placed().size();
    String lines = ApplicationText.lines(seen);
    if (status == Status.PASSED && seen.exercisedNothing()) {
      return new CaseOutcome(
          Status.SKIPPED,
          told.with(Kind.UNTESTED),
          "nothing was exercised, for no driver came: " + ApplicationText.without(seen),
          lines + detail);
    }
    if (word().kind() == Kind.CLEAN && seen.bound() < wanted) {
      return new CaseOutcome(
          status,
          told.with(new CaseWord(Kind.CLEAN, seen.bound(), wanted)),
          headline + ApplicationText.notBound(seen),
          lines + detail);
    }
    if (word().kind() == Kind.UNPROBED && seen.surprises()) {
      return new CaseOutcome(status, told.with(Kind.PROBED), headline, lines + detail);
    }
    return new CaseOutcome(status, told, headline, lines + detail);
  }

  /**
   * What devices without a driver are compatible with, of which it was not expected that they have
   * none.
   */
  public SortedSet<String> lacking() {
    SortedSet<String> lacking = new TreeSet<>();
    ApplicationText.without(facts.application().placed(), false)
        .filter(each -> each.state() != Application.State.DEFERRED)
        .forEach(each -> lacking.addAll(each.compatible()));
    return lacking;
  }

  /** The same with what the kernel's sources say of drivers for these. */
  public CaseOutcome of(List<DriversFor> drivers) {
    return new CaseOutcome(
        status, facts.with(drivers), headline, DriversFor.lines(drivers) + detail);
  }

  /**
   * What was found, the first cycle's first, that something is left last; but for what the kernel
   * then says of it.
   */
  private static List<Finding> findings(List<Verdict> verdicts) {
    List<Finding> all = verdicts.stream().flatMap(each -> each.findings().stream()).toList();
    boolean left = all.stream().anyMatch(CaseOutcome::isLeft);
    return all.stream()
        .sorted(
            Comparator.comparing(
                each -> isLeft(each) ? 1 : left && saysThatItIsThere(each) ? 2 : 0))
        .toList();
  }

  private static boolean saysThatItIsThere(Finding finding) {
    return finding.type() == Finding.Type.LOG
        && Sign.on(finding.seen()).filter(Sign.LEFT_IN_DEBUGFS::equals).isPresent();
  }

  private static boolean isLeft(Finding finding) {
    return finding.type() == Finding.Type.LEFT;
  }

  /** The cycle, from 1, of what is told first: only what is left may be found before the last. */
  private static int cycle(List<Verdict> verdicts) {
    boolean first =
        isLeft(findings(verdicts).get(0))
            && verdicts.get(0).findings().stream().anyMatch(CaseOutcome::isLeft);
    return first ? 1 : verdicts.size();
  }

  /** How it comes about that something is left, where that is told first, in several cycles. */
  private static String left(List<Verdict> verdicts) {
    int count = verdicts.size();
    if (count == 1 || !isLeft(findings(verdicts).get(0)) || cycle(verdicts) > 1) {
      return "";
    }
    List<Finding> last = verdicts.get(count - 1).findings();
    if (last.stream().anyMatch(CaseOutcome::saysThatItIsThere)) {
      return "; in cycle %d the kernel says that it is there already".formatted(count);
    }
    boolean more = last.stream().anyMatch(CaseOutcome::isLeft);
    return more
        ? "; cycles 2 to %d leave more of it".formatted(count)
        : "; once, for cycles 2 to %d leave no more".formatted(count);
  }

  /** Of the first cycle that shows any; those that never come back before those that are late. */
  private static List<Holding> holdings(List<Verdict> verdicts) {
    return verdicts.stream()
        .map(Verdict::holdings)
        .filter(each -> !each.isEmpty())
        .max(Comparator.comparing(each -> each.stream().anyMatch(Holding::isLost)))
        .orElse(List.of());
  }

  /** Whether all that was found is outside of what models speak of. */
  private static boolean outside(List<Finding> findings) {
    return findings.stream()
        .allMatch(
            each ->
                OUTSIDE.contains(each.type())
                    || (isLeft(findings.get(0)) && saysThatItIsThere(each)));
  }

  private static Kind kind(Finding worse) {
    return switch (worse.type()) {
      case LOG -> Kind.BUG;
      case RESULT -> Kind.STUCK;
      case APPLY -> Kind.UNPROBED;
      case LEFT -> Kind.LEFTOVER;
      case STANDS -> Kind.HANGS;
      case WAITS -> Kind.WAITS;
      default -> Kind.NOT_RETURNED;
    };
  }

  /** A kernel of the user's own went down. */
  public static CaseOutcome died(String how) {
    Facts facts =
        new Facts(new CaseWord(Kind.DIED), Cycles.NONE, null, null, List.of(), List.of(how));
    return new CaseOutcome(Status.FAILED, facts, BROKEN + how, "");
  }

  /** The verdict in a word. */
  public CaseWord word() {
    return facts.word();
  }

  /** Whether nodes were reported, as the model has it. */
  public boolean leaks() {
    return status == Status.PASSED && word().kind() == Kind.LEAKS;
  }

  /** The same case if the kernel complained outside of the steps, which no model allows. */
  public CaseOutcome complained(List<Splat> splats) {
    Splat first = splats.get(0);
    return new CaseOutcome(
        Status.FAILED,
        facts.with(Kind.BUG),
        "the kernel's log, beside the steps: " + first.title(),
        String.join("\n", first.lines()));
  }

  /** The same where it passed and nothing was exercised, for this reason. */
  public CaseOutcome untested(String why) {
    return status == Status.PASSED
        ? new CaseOutcome(Status.SKIPPED, facts.with(Kind.UNTESTED), why, detail)
        : this;
  }

  /** The same with a line more. */
  public CaseOutcome noting(String line) {
    return new CaseOutcome(status, facts, headline, line + "\n" + detail);
  }

  /** The same with something added to its sentence. */
  public CaseOutcome adding(String more) {
    return new CaseOutcome(status, facts, headline + "; " + more, detail);
  }

  /**
   * The result for the report.
   *
   * @param began when the case began
   * @param took how long it ran
   */
  public CaseResult result(
      PlannedCase planned,
      Instant began,
      Duration took,
      List<Verdict> verdicts,
      List<String> console,
      List<String> attachments) {
    return new CaseResult(
        planned,
        status,
        new Try(began, took, headline, detail, console, attachments),
        List.of(),
        facts.with(Cycles.of(verdicts)));
  }
}
