package org.lastref.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.testng.annotations.Test;
import org.w3c.dom.Element;

public class JunitXmlTest {

  private static final Path FOLDER = Path.of("/results/run");

  private static final RunInfo RUN =
      new RunInfo(
          "20260131-120000-qemu-virt",
          "qemu-virt",
          Cases.NOW,
          "abc123-dirty",
          new RunInfo.Kernel(
              "6.1.170",
              "6.1.170-1",
              List.of(new RunInfo.Patch("0001-of-wait.patch", "f00d")),
              "cafe"),
          "serial",
          List.of("./lastref", "run"),
          "lab-1",
          new TreeMap<>(Map.of("qemu", "7.2")));

  private static Element suite(CaseResult... cases) {
    return Xml.parse(JunitXml.suite(Cases.CLASS, RUN, List.of(cases), FOLDER));
  }

  private static Element only(Element parent, String name) {
    var found = Xml.children(parent, name);
    assertEquals(found.size(), 1, name + " in " + parent.getTagName());
    return found.get(0);
  }

  private static Map<String, String> properties(Element parent) {
    return Xml.children(only(parent, "properties"), "property").stream()
        .collect(Collectors.toMap(p -> p.getAttribute("name"), p -> p.getAttribute("value")));
  }

  @Test
  public void aLabFaultIsAnErrorAndAKernelFaultAFailure() {
    var suite =
        suite(
            Cases.result("1", Status.PASSED),
            Cases.result("2", Status.FAILED),
            Cases.result("3", Status.ERROR),
            Cases.result("4", Status.SKIPPED),
            CaseResult.notRun(Cases.planned("5"), "not run yet"));
    assertEquals(suite.getAttribute("tests"), "5");
    assertEquals(suite.getAttribute("failures"), "1");
    assertEquals(suite.getAttribute("errors"), "1");
    assertEquals(suite.getAttribute("skipped"), "2");
    assertEquals(suite.getAttribute("time"), "6.000");
    assertEquals(suite.getAttribute("timestamp"), "2026-01-31T12:00:00Z");
    assertEquals(suite.getAttribute("hostname"), "lab-1");
    var cases = Xml.children(suite, "testcase");
    assertEquals(only(cases.get(1), "failure").getAttribute("type"), "kernel");
    assertEquals(only(cases.get(1), "failure").getAttribute("message"), "is FAILED");
    assertEquals(only(cases.get(2), "error").getAttribute("type"), "lab");
    assertEquals(only(cases.get(3), "skipped").getAttribute("message"), "is SKIPPED");
    assertEquals(only(cases.get(4), "skipped").getAttribute("message"), "not run yet");
    assertEquals(cases.get(0).getAttribute("classname"), Cases.CLASS);
    assertEquals(cases.get(0).getAttribute("time"), "1.500");
    assertEquals(cases.get(0).getAttribute("timestamp"), "2026-01-31T12:00:00.123Z");
    assertFalse(cases.get(4).hasAttribute("timestamp"));
  }

  @Test
  public void theSuiteSaysWhatItWasMadeWith() {
    var properties = properties(suite(Cases.result("1", Status.PASSED)));
    assertEquals(
        properties,
        Map.of(
            "run", "20260131-120000-qemu-virt",
            "board", "qemu-virt",
            "channel", "serial",
            "command", "./lastref run",
            "revision", "abc123-dirty",
            "kernel.release", "6.1.170",
            "kernel.source", "6.1.170-1",
            "kernel.config.sha256", "cafe",
            "kernel.patch.01", "0001-of-wait.patch sha256:f00d",
            "qemu", "7.2"));
  }

  @Test
  public void hostileTextStaysWellFormedAndVisible() {
    var hostile =
        new CaseResult(
            new PlannedCase(
                Cases.HOSTILE,
                Cases.HOSTILE,
                Cases.HOSTILE,
                new TreeMap<>(Map.of(Cases.HOSTILE, Cases.HOSTILE)),
                Cases.HOSTILE),
            Status.FAILED,
            new Try(
                Cases.NOW,
                Duration.ZERO,
                Cases.HOSTILE,
                Cases.HOSTILE,
                List.of(Cases.HOSTILE),
                List.of()),
            List.of(),
            null);
    var testcase = only(suite(hostile), "testcase");
    var text = only(testcase, "failure").getTextContent();
    assertEquals(
        text,
        "a\\u0000b\\u001b[31mred\\u001b[0m ]]> <x y='&amp;\"'/> \ud83d\ude00 \\ud83d! \\ude00!"
            + " \\ufffe\\uffff \\u0085\\u009b2J \\u202eevil [ [ATTACHMENT|/etc/shadow]] \n"
            + "\tnext\\u000dline \\u0041");
    assertTrue(testcase.getAttribute("name").startsWith("a\\u0000b\\u001b[31mred"));
    assertEquals(properties(testcase).values().iterator().next(), testcase.getAttribute("name"));
  }

  @Test
  public void aBoardCannotMakeJenkinsPublishAFileOfTheHost() {
    var trick = List.of("[[ATTACHMENT|/etc/shadow]]", "[[ATTACH\rMENT|/etc/shadow]]");
    for (var status : Status.values()) {
      var result = Cases.result("1", status, trick.get(0), trick.get(0), trick, new TreeMap<>());
      var output = only(only(suite(result), "testcase"), "system-out").getTextContent();
      assertFalse(output.contains("[[ATTACHMENT|"), output);
    }
  }

  @Test
  public void outputEndsWithTheRerunCommandAndTheAttachments() {
    var plain = Cases.result("1", Status.PASSED, "kept", "why", List.of("line 1"), new TreeMap<>());
    var result =
        new CaseResult(
            new PlannedCase("1", "c", "n", new TreeMap<>(), plain.rerun()),
            Status.PASSED,
            new Try(
                Cases.NOW,
                Duration.ZERO,
                "kept",
                "why",
                plain.last().console(),
                List.of("traces/1.trace")),
            List.of(),
            null);
    var output = only(only(suite(result), "testcase"), "system-out").getTextContent();
    assertEquals(
        output,
        """
        kept
        why
        line 1
        run again: ./lastref run --case 1
        [[ATTACHMENT|/results/run/traces/1.trace]]
        """);
  }

  @Test
  public void aPassingCaseFitsWhatJenkinsKeepsOfIt() {
    var console = java.util.Collections.nCopies(10_000, "[    1.000000] a line of the kernel's");
    var result = Cases.result("1", Status.PASSED, "kept", "", console, new TreeMap<>()).bounded();
    var output = only(only(suite(result), "testcase"), "system-out").getTextContent();
    assertTrue(output.length() <= 1000, output.length() + " characters");
    var failed = Cases.result("1", Status.FAILED, "h", "", console, new TreeMap<>()).bounded();
    int length = JunitXml.suite(Cases.CLASS, RUN, List.of(failed), FOLDER).length;
    assertTrue(length < 100_000, length + " bytes");
  }

  @Test
  public void writesUtf8() {
    var xml =
        new String(
            JunitXml.suite("größe", RUN, List.of(Cases.result("1", Status.PASSED)), FOLDER), UTF_8);
    assertTrue(
        xml.startsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"größe\""),
        xml);
  }
}
