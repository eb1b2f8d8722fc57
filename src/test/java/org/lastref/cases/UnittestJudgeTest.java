package org.lastref.cases;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.lastref.Recorded;
import org.lastref.fdt.OverlaySource;
import org.lastref.model.Kernel;
import org.lastref.model.Policy;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.lastref.report.CaseOutcome;
import org.lastref.report.Status;
import org.lastref.runner.TestCase;
import org.lastref.verify.BootLog;
import org.lastref.verify.UnittestLog;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class UnittestJudgeTest {

  private static final List<String> TESTS = UnittestSuite.tests("6.1");
  private static final UnittestJudge JUDGE = new UnittestJudge(TESTS);

  @Test
  public void everyTestPassesOnAGoodKernel() {
    UnittestLog log = BootLog.WAITED.read();
    for (String test : TESTS) {
      assertEquals(JUDGE.test(log, test).status(), Status.PASSED, test);
    }
    assertEquals(JUDGE.whole(log).status(), Status.PASSED);
  }

  @Test
  public void aTestThatIsKnownAndNeverRanIsReported() {
    CaseOutcome tale =
        new UnittestJudge(List.of("of_unittest_new"))
            .test(BootLog.WAITED.read(), "of_unittest_new");
    assertEquals(tale.status(), Status.FAILED);
    assertEquals(tale.headline(), "it never reported");
  }

  @Test
  public void aTestWithoutACaseIsReported() {
    List<String> fewer = new ArrayList<>(TESTS);
    fewer.remove("of_unittest_dynamic");
    CaseOutcome tale = new UnittestJudge(fewer).whole(BootLog.WAITED.read());
    assertEquals(tale.headline(), "a test of the kernel's has no case: of_unittest_dynamic");
  }

  @Test
  public void aFailureOutsideOfTheKnownTestsIsReported() {
    CaseOutcome tale = new UnittestJudge(List.of()).whole(BootLog.LEAKING.read());
    assertTrue(tale.headline().startsWith("of_unittest_overlay_clk(): line 3131: 2 nodes"));
  }

  /** Each function of the kernel's source that uses the macro, but to report a failure only. */
  @Test
  public void everyTestOfTheKernelsSourceIsKnown() throws IOException, InterruptedException {
    Set<String> expected = new TreeSet<>(TESTS);
    expected.add("of_unittest_printf"); // its only check is made if it failed already
    assertEquals(checking(source()), expected);
  }

  private static Set<String> checking(List<String> source) {
    Pattern begin = Pattern.compile("(?:static|void|int)\\b[^;]*?(\\w+)\\((?!.*;$).*");
    Pattern check = Pattern.compile("\\bunittest(?:_overlay_remove)?\\((?!0,|\\))");
    Set<String> functions = new TreeSet<>();
    String function = "";
    for (String line : source) {
      Matcher beginning = begin.matcher(line);
      if (beginning.matches()) {
        function = beginning.group(1);
      }
      if (!line.startsWith("#define")
          && line.startsWith("\t")
          && !line.endsWith("\\")
          && check.matcher(line).find()) {
        functions.add(function);
      }
    }
    return functions;
  }

  /** drivers/of/unittest.c with our patches. */
  private static List<String> source() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("lastref-unittest");
    String file = "linux-source-6.1/drivers/of/unittest.c";
    run(
        folder,
        "sh",
        "-c",
        "tar -I 'xz -dT0' -xf \"$(\"$1\" linux-source-6.1 | tail -n 1)\" \"$2\"",
        "sh",
        Path.of("harness/kernel/source").toAbsolutePath().toString(),
        file);
    try (Stream<Path> patches = Files.list(Path.of("harness/kernel/6.1/patches"))) {
      for (Path patch : patches.sorted().toList()) {
        if (Files.readString(patch).contains("+++ b/drivers/of/unittest.c")) {
          run(
              folder,
              "sh",
              "-c",
              "sed -n '/^diff .*unittest.c$/,$p' \"$1\" | patch -s \"$2\"",
              "sh",
              patch.toAbsolutePath().toString(),
              file);
        }
      }
    }
    List<String> source = Files.readAllLines(folder.resolve(file));
    run(folder, "rm", "-r", "linux-source-6.1");
    Files.delete(folder);
    return source;
  }

  private static void run(Path folder, String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).directory(folder.toFile()).inheritIO().start();
    assertTrue(process.waitFor(2, TimeUnit.MINUTES), command[0] + " ended");
    assertEquals(process.exitValue(), 0, command[0]);
  }

  private static final Policy WAITED =
      new Policy(Release.DEDICATED_WQ, Fix.WAIT_REMOVAL, Grace.SLOW);
  private static final Policy UNFIXED = new Policy(Release.DEDICATED_WQ, Fix.NONE, Grace.SLOW);

  @DataProvider
  public Object[][] clocks() {
    return new Object[][] {
      {BootLog.WAITED, WAITED, Status.PASSED, "clean"},
      {BootLog.LEAKING, UNFIXED, Status.PASSED, "leaks 1/1"},
      {BootLog.LEAKING, UNFIXED.with(Grace.ANY), Status.PASSED, "leaks 1/1"},
      {BootLog.WAITED, UNFIXED.with(Grace.ANY), Status.PASSED, "clean"},
      {BootLog.LEAKING, WAITED, Status.FAILED, "differs"},
      {BootLog.WAITED, UNFIXED, Status.FAILED, "differs"},
      {BootLog.UPSTREAM, WAITED, Status.FAILED, "differs"},
      {BootLog.LATE, UNFIXED, Status.FAILED, "differs"},
    };
  }

  @Test(dataProvider = "clocks")
  public void theClockFailsAsTheModelSays(BootLog boot, Policy policy, Status status, String word) {
    OverlaySource link = OverlaySource.of(Path.of("overlays/pair.dtso"));
    CaseOutcome tale =
        JUDGE.clock(
            boot.read(), UnittestSuite.model(Recorded.base(), Kernel.LINUX_6_1, link, policy), 1);
    assertEquals(tale.status(), status, tale.headline());
    assertEquals("" + tale.word(), word);
  }

  @Test
  public void lateReleasesFailWhatRemovesDevices() {
    CaseOutcome tale = JUDGE.delayed(BootLog.LATE.read());
    assertEquals(tale.status(), Status.PASSED, tale.headline());
    assertTrue(tale.headline().startsWith("boots; 7 of 322 checks fail"), tale.headline());
    assertEquals(JUDGE.delayed(BootLog.WAITED.read()).status(), Status.FAILED);
  }

  @Test
  public void noTwoTrialsHaveTheSameName() {
    List<TestCase> cases = new UnittestSuite().cases(Path.of(""));
    Set<String> ids = new HashSet<>();
    Set<String> titles = new HashSet<>();
    for (TestCase testCase : cases) {
      assertTrue(ids.add(testCase.id()), testCase.id());
      assertTrue(titles.add(testCase.title()), testCase.title());
    }
    assertTrue(cases.size() > TESTS.size() + 12);
  }
}
