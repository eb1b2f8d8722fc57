package org.lastref.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.testng.annotations.Test;
import org.w3c.dom.Element;

/** What Jenkins' JUnit reader makes of a report, rule by rule. */
public class JenkinsRulesTest extends TemporaryFolder {

  private static final Pattern ATTACHMENT = Pattern.compile("\\[\\[ATTACHMENT\\|(.+?)]]");

  private List<Element> cases() {
    return Xml.suites(EveryKind.write(root).path()).stream()
        .flatMap(suite -> Xml.children(suite, "testcase").stream())
        .toList();
  }

  /** It drops them, and with them what they say. */
  @Test
  public void noSuiteIsWithoutCasesButOneThatHasNothingToSay() {
    for (var suite : Xml.suites(EveryKind.write(root).path())) {
      assertFalse(Xml.children(suite, "testcase").isEmpty(), suite.getAttribute("name"));
    }
  }

  /** Of two cases with the same names it keeps one. */
  @Test
  public void noTwoCasesHaveTheSameClassAndName() {
    var names = new HashSet<List<String>>();
    for (var each : cases()) {
      assertTrue(names.add(List.of(each.getAttribute("classname"), each.getAttribute("name"))));
    }
  }

  /** It makes a failed case of a file without content. */
  @Test
  public void noFileIsEmptyAndNoOtherIsBesides() throws IOException {
    try (Stream<Path> files = Files.list(EveryKind.write(root).path().resolve("junit"))) {
      for (var file : files.toList()) {
        assertTrue(Files.size(file) > 0, file.toString());
        assertTrue(file.getFileName().toString().matches("TEST-.*\\.xml"), file.toString());
      }
    }
  }

  /** It takes the first error, else the first failure, and skipped beside them confuses it. */
  @Test
  public void noCaseHasTwoOutcomes() {
    for (var each : cases()) {
      long outcomes =
          Stream.of("failure", "error", "skipped")
              .mapToInt(kind -> Xml.children(each, kind).size())
              .sum();
      assertTrue(outcomes <= 1, each.getAttribute("name"));
    }
  }

  /** It keeps 500 characters of either end, of a case that failed 50,000. */
  @Test
  public void whatItCutsOfAnOutputIsNothing() {
    for (var each : cases()) {
      boolean bad =
          !Xml.children(each, "failure").isEmpty() || !Xml.children(each, "error").isEmpty();
      int kept = 2 * (bad ? 50_000 : 500);
      int length = output(each).length();
      // The command that runs it again and the names of attachments are never cut here.
      int fixed = output(each).length() - body(output(each)).length();
      assertTrue(length <= kept || fixed > kept - 200, length + " of " + each.getAttribute("name"));
    }
  }

  private static String body(String output) {
    return output.substring(0, Math.max(output.indexOf("run again: "), 0));
  }

  private static String output(Element testcase) {
    return Xml.children(testcase, "system-out").stream()
        .map(Element::getTextContent)
        .findFirst()
        .orElse("");
  }

  /** It publishes any file so named, of a case's output, a line each. */
  @Test
  public void onlyFilesOfTheRunAreAttachedAndEachOnALineOfItsOwn() {
    var folder = root.toAbsolutePath() + "/";
    int attached = 0;
    for (var each : cases()) {
      for (var line : output(each).lines().toList()) {
        var found = ATTACHMENT.matcher(line);
        if (found.find()) {
          assertEquals(found.group(), line);
          assertTrue(found.group(1).startsWith(folder), line);
          assertFalse(found.group(1).contains(".."), line);
          attached++;
        }
      }
      assertFalse(allText(each).contains("[[ATTACHMENT|x"), each.getAttribute("name"));
    }
    assertEquals(attached, 15);
  }

  private static String allText(Element testcase) {
    return testcase.getTextContent();
  }

  /** Whatever a board, an overlay or a suite is called. */
  @Test
  public void noNameLeavesTheRunsFolder() throws IOException {
    var results = Files.createDirectory(root.resolve("results"));
    var names =
        List.of(
            "../../up",
            "/etc/passwd",
            "a/b\\c",
            "new\nline",
            "nul\u0000",
            "..",
            ".",
            "-rf",
            "~",
            "%2e%2e%2f",
            "x".repeat(5000),
            Cases.HOSTILE);
    for (var board : names) {
      if (!board.matches("[\\w.-]+") || board.startsWith(".") || board.length() > 100) {
        expectThrows(
            org.lastref.fault.InputFault.class, () -> RunFolder.create(results, board, Cases.NOW));
      }
    }
    var folder = RunFolder.create(results, "b", Cases.NOW);
    for (var name : names) {
      folder.addCase(
          new CaseResult(
              new PlannedCase(name, name, name, new TreeMap<>(), name),
              Status.PASSED,
              new Try(Cases.NOW, Duration.ZERO, name, name, List.of(name), List.of()),
              List.of(),
              null));
    }
    folder.require(MustRun.parse("list", "../../up-there\n/etc/shadow\n"));
    folder.close(names.get(0));
    try (var all = Files.walk(root)) {
      var outside =
          all.filter(Files::isRegularFile)
              .filter(file -> !file.startsWith(folder.path().resolve("junit")))
              .toList();
      assertEquals(outside, List.of(folder.path().resolve("run.json")));
    }
    assertEquals(Xml.caseNames(folder.path()).size(), names.size() + 2);
  }

  @Test
  public void noAttachmentLeavesTheRunsFolder() {
    var faulty = Cases.faulty("x");
    for (var bad :
        List.of("../x", "/etc/shadow", "a/../../x", "", "a\nb", "a]]b", "a|b", "\u202ea")) {
      expectThrows(
          IllegalArgumentException.class,
          () -> new Try(faulty.started(), faulty.took(), "", "", List.of(), List.of(bad)));
    }
  }
}
