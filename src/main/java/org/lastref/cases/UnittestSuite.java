package org.lastref.cases;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.lastref.fault.BootPanic;
import org.lastref.fault.LabFault;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.OverlaySource;
import org.lastref.image.Images;
import org.lastref.image.KernelBuild;
import org.lastref.machine.Exploration;
import org.lastref.machine.Explorer;
import org.lastref.model.Kernel;
import org.lastref.model.OverlayApplier;
import org.lastref.model.Policy;
import org.lastref.model.Removal;
import org.lastref.model.Situation;
import org.lastref.report.CaseName;
import org.lastref.report.CaseOutcome;
import org.lastref.report.CaseWord;
import org.lastref.runner.Attempt;
import org.lastref.runner.TestCase;
import org.lastref.verify.KunitLog;
import org.lastref.verify.UnittestLog;

/**
 * Cases of the kernel's own devicetree unittest, {@code CONFIG_OF_UNITTEST}: each of its tests, the
 * one of ours under every policy, and all of it where kobjects are released late. It runs while the
 * kernel boots, so a boot serves all cases that need the same words on its command line.
 */
final class UnittestSuite implements Suite {

  private static final String KERNEL = "unittest";
  private static final String LATE_KERNEL = "unittest-debug-release";
  private static final List<String> AS_IT_IS = List.of();

  /**
   * No SRCU grace period is expedited. While the kernel boots all are, whatever their users ask
   * for, unless {@code rcu_normal} says otherwise: kernel/rcu/update.c, Linux 6.1.
   */
  private static final List<String> SLOW =
      List.of("srcutree.exp_holdoff=0", "rcupdate.rcu_normal=1");

  /** Makes the first thing that goes wrong the last. */
  private static final List<String> PANIC = List.of("panic_on_warn=1");

  /** A remover that is held up may be overtaken even by a slow grace period. */
  private static final int BOOTS = 3;

  private static final long MAX_BYTES = 64 << 20;

  @Override
  public String name() {
    return "unittest";
  }

  @Override
  public List<TestCase> cases(Path project) {
    return cases(project, Images.kernel(project, KernelBuild.PLAIN).series());
  }

  @Override
  public List<TestCase> cases(Path project, String series) {
    UnittestJudge judge = new UnittestJudge(tests(series));
    List<TestCase> cases = new ArrayList<>();
    cases.add(
        new UnittestCase(
            KERNEL, "whole", "boot", attempt -> judge.whole(booted(attempt, AS_IT_IS))));
    for (String test : judge.tests()) {
      cases.add(
          new UnittestCase(
              KERNEL, test, "boot", attempt -> judge.test(booted(attempt, AS_IT_IS), test)));
    }
    for (String test : names("kunit", series)) {
      cases.add(
          new UnittestCase(
              KERNEL,
              "kunit/" + test,
              "boot",
              attempt -> UnittestJudge.kunit(KunitLog.read(heard(attempt, AS_IT_IS)), test)));
    }
    OverlaySource link = OverlaySource.of(project.resolve("overlays/pair.dtso"));
    Policy.all().stream()
        .filter(policy -> policy.grace() == Policy.Grace.SLOW)
        .map(policy -> clock(judge, policy, link))
        .forEach(cases::add);
    cases.add(
        new UnittestCase(
            LATE_KERNEL,
            "whole",
            "boot",
            attempt -> judge.delayed(booted(attempt, AS_IT_IS)),
            fault ->
                notBooted(fault)
                    .map(why -> UnittestJudge.differs(List.of(why + "; it is known to boot")))));
    cases.add(new UnittestCase(LATE_KERNEL, "whole", "panic-on-warn", UnittestSuite::panicking));
    return cases;
  }

  /**
   * The tests of a series that say something even if all is well: functions of
   * drivers/of/unittest.c. They are known before a board says anything, so that one that never runs
   * is missed.
   */
  static List<String> tests(String series) {
    return names("unittest", series);
  }

  /** Of a series, none where nothing is known of it. */
  private static List<String> names(String kind, String series) {
    try (InputStream in = UnittestSuite.class.getResourceAsStream(kind + "/" + series)) {
      return in == null
          ? List.of()
          : new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TestCase clock(UnittestJudge judge, Policy policy, OverlaySource link) {
    List<String> words = new ArrayList<>(SLOW);
    words.add("device_link.release=" + policy.release());
    words.add("device_link.fix=" + policy.fix());
    SortedMap<String, String> place =
        CaseName.of("unittest-clk", policy, Situation.REMOVE, false).properties();
    place.put("kernel", KERNEL);
    return new UnittestCase(
        KERNEL,
        "unittest/clk/%s/%s".formatted(policy.release(), policy.fix()),
        "unittest-clk " + policy,
        place,
        attempt -> {
          Exploration model = model(attempt.board().base(), attempt.board().kernel(), link, policy);
          UnittestLog log = booted(attempt, words);
          int boots = 1;
          while (boots < BOOTS && model.neverClean() && log.failing().isEmpty()) {
            attempt.bootAgain();
            log = UnittestLog.read(console(attempt));
            boots++;
          }
          return judge.clock(log, model, boots);
        },
        fault -> Optional.empty());
  }

  /**
   * What may become of a link between two devices.
   *
   * @param link the overlay that has them
   */
  static Exploration model(Fdt base, Kernel kernel, OverlaySource link, Policy policy) {
    return Explorer.search(
        Removal.of(
            new OverlayApplier(base, kernel).apply(link.overlay()), policy, Situation.REMOVE),
        MAX_BYTES,
        (states, open) -> {});
  }

  /** A kernel that cannot boot is reported as such, not waited for. */
  private static CaseOutcome panicking(Attempt attempt) {
    try {
      attempt.board().bootWith(PANIC);
    } catch (LabFault e) {
      return notBooted(e)
          .map(why -> UnittestJudge.passed(new CaseWord(CaseWord.Kind.NO_BOOT), why, ""))
          .orElseGet(() -> CaseOutcome.noVerdict(e));
    }
    return UnittestJudge.differs(List.of("boots, though its first warning should be its end"));
  }

  private static Optional<String> notBooted(LabFault fault) {
    return fault instanceof BootPanic panic
        ? Optional.of("does not boot: " + panic.said())
        : Optional.empty();
  }

  private static UnittestLog booted(Attempt attempt, List<String> words) {
    return UnittestLog.read(heard(attempt, words));
  }

  private static List<String> heard(Attempt attempt, List<String> words) {
    attempt.bootWith(words);
    return console(attempt);
  }

  private static List<String> console(Attempt attempt) {
    return attempt.board().console().lines(attempt.board().started());
  }
}
