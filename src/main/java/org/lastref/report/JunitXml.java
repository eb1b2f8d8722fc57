package org.lastref.report;

import java.io.StringWriter;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.jspecify.annotations.Nullable;

/**
 * Writes one test suite as Jenkins' JUnit plugin reads it: {@code failure} is the kernel's, {@code
 * error} the lab's, {@code skipped} did not run.
 */
final class JunitXml {

  private static final XMLOutputFactory FACTORY = XMLOutputFactory.newDefaultFactory();

  /** How Jenkins' attachments plugin is told of a file: it takes any it finds in the output. */
  private static final String ATTACHMENT = "[[ATTACHMENT|";

  /** Room for the note in an excerpt and the line ends. */
  private static final int NOTE = 50;

  /** Characters kept at either end whatever else there is. */
  private static final int LEAST = 50;

  private final Path folder;
  private final XMLStreamWriter xml;

  private JunitXml(Path folder, XMLStreamWriter xml) {
    this.folder = folder;
    this.xml = xml;
  }

  /**
   * One suite, in UTF-8.
   *
   * @param folder the run's folder, which attachments are relative to; Jenkins wants them absolute
   */
  static byte[] suite(String name, RunInfo run, List<CaseResult> cases, Path folder) {
    var text = new StringWriter();
    try {
      var xml = FACTORY.createXMLStreamWriter(text);
      new JunitXml(folder.toAbsolutePath().normalize(), xml).write(name, run, cases);
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException("cannot write the suite " + name + " as XML", e);
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void write(String name, RunInfo run, List<CaseResult> cases) throws XMLStreamException {
    var totals = Totals.of(cases);
    xml.writeStartDocument("UTF-8", "1.0");
    newline(0);
    xml.writeStartElement("testsuite");
    attribute("name", name);
    attribute("tests", Integer.toString(totals.cases()));
    attribute("failures", Integer.toString(totals.failed()));
    attribute("errors", Integer.toString(totals.errors()));
    attribute("skipped", Integer.toString(totals.skipped() + totals.notRun()));
    attribute("time", seconds(totals.took()));
    timestamp(run.started());
    attribute("hostname", run.hostname());
    properties(1, describe(run));
    for (var result : cases) {
      testcase(result);
    }
    newline(0);
    xml.writeEndElement();
    xml.writeEndDocument();
    xml.writeCharacters("\n");
  }

  private void testcase(CaseResult result) throws XMLStreamException {
    newline(1);
    xml.writeStartElement("testcase");
    attribute("classname", result.className());
    attribute("name", result.name());
    attribute("time", seconds(result.took()));
    timestamp(result.started());
    properties(2, result.properties());
    switch (result.status()) {
      case PASSED -> {}
      case FAILED -> outcome("failure", "kernel", result);
      case ERROR -> outcome("error", "lab", result);
      case SKIPPED -> outcome("skipped", null, result);
    }
    for (var before : result.tries()) {
      attempt(result.status() == Status.PASSED ? "flakyFailure" : "rerunFailure", before);
    }
    var output = output(result);
    if (!output.isEmpty()) {
      newline(2);
      xml.writeStartElement("system-out");
      xml.writeCharacters(output);
      xml.writeEndElement();
    }
    newline(1);
    xml.writeEndElement();
  }

  private void outcome(String element, @Nullable String type, CaseResult result)
      throws XMLStreamException {
    newline(2);
    xml.writeStartElement(element);
    attribute("message", result.headline());
    if (type != null) {
      attribute("type", type);
    }
    xml.writeCharacters(text(result.detail()));
    xml.writeEndElement();
  }

  /**
   * A try before the last. Surefire has {@code flakyError} and {@code rerunError} for faults that
   * are errors, but Jenkins (junit-plugin, {@code CaseResult.parseFlakyFailures}) reads none but
   * the two that end in Failure, and of these the children below; the type says whose fault it was.
   */
  private void attempt(String element, Try before) throws XMLStreamException {
    newline(2);
    xml.writeStartElement(element);
    attribute("message", before.headline());
    attribute("type", "lab");
    attribute("time", seconds(before.took()));
    timestamp(before.started());
    child("stackTrace", before.detail().isEmpty() ? before.headline() : before.detail());
    if (!before.console().isEmpty()) {
      child("system-out", String.join("\n", before.console()));
    }
    newline(2);
    xml.writeEndElement();
  }

  private void child(String element, String text) throws XMLStreamException {
    newline(3);
    xml.writeStartElement(element);
    xml.writeCharacters(text(text));
    xml.writeEndElement();
  }

  /**
   * What a reader looks for is at the head and the tail, which Jenkins keeps of a long output; so
   * that nothing is cut that a program reads, the middle is shortened here as far as it takes.
   */
  private String output(CaseResult result) {
    var middle = new StringJoiner("\n");
    if (result.status() == Status.PASSED) {
      addUnlessEmpty(middle, text(result.headline()));
      addUnlessEmpty(middle, text(result.detail()));
    }
    addUnlessEmpty(middle, text(String.join("\n", result.last().console())));
    var tail = new StringJoiner("\n");
    if (!result.rerun().isEmpty()) {
      tail.add("run again: " + text(result.rerun()));
    }
    // Jenkins' attachments plugin looks nowhere but in the case's own output.
    Stream.concat(
            result.tries().stream().flatMap(before -> before.attachments().stream()),
            result.last().attachments().stream())
        .forEach(each -> tail.add(ATTACHMENT + Text.line(folder.resolve(each).toString()) + "]]"));
    int room = 2 * Excerpt.keptByJenkins(result.status()) - tail.length() - NOTE;
    var lines = new StringJoiner("\n", "", "\n").setEmptyValue("");
    addUnlessEmpty(lines, Excerpt.of(middle.toString(), Math.max(room / 2, LEAST)));
    addUnlessEmpty(lines, tail.toString());
    return lines.toString();
  }

  private static void addUnlessEmpty(StringJoiner lines, String text) {
    if (!text.isEmpty()) {
      lines.add(text);
    }
  }

  private void properties(int depth, SortedMap<String, String> properties)
      throws XMLStreamException {
    if (properties.isEmpty()) {
      return;
    }
    newline(depth);
    xml.writeStartElement("properties");
    for (Map.Entry<String, String> property : properties.entrySet()) {
      newline(depth + 1);
      xml.writeEmptyElement("property");
      attribute("name", property.getKey());
      attribute("value", property.getValue());
    }
    newline(depth);
    xml.writeEndElement();
  }

  private static SortedMap<String, String> describe(RunInfo run) {
    var properties = new TreeMap<>(run.provenance());
    properties.put("run", run.id());
    properties.put("board", run.board());
    properties.put("command", String.join(" ", run.command()));
    if (run.revision() != null) {
      properties.put("revision", run.revision());
    }
    if (run.channel() != null) {
      properties.put("channel", run.channel());
    }
    var kernel = run.kernel();
    if (kernel != null) {
      properties.put("kernel.release", kernel.release());
      if (kernel.sourceVersion() != null) {
        properties.put("kernel.source", kernel.sourceVersion());
      }
      if (kernel.configSha256() != null) {
        properties.put("kernel.config.sha256", kernel.configSha256());
      }
      for (int i = 0; i < kernel.patches().size(); i++) {
        var patch = kernel.patches().get(i);
        properties.put(
            "kernel.patch.%02d".formatted(i + 1), patch.name() + " sha256:" + patch.sha256());
      }
    }
    return properties;
  }

  /** A board that prints an attachment's mark must not make Jenkins publish a file of the host. */
  private static String text(String raw) {
    return Text.printable(raw).replace(ATTACHMENT, "[ [ATTACHMENT|");
  }

  private void attribute(String name, String value) throws XMLStreamException {
    xml.writeAttribute(name, Text.line(value));
  }

  private void timestamp(@Nullable Instant at) throws XMLStreamException {
    if (at != null) {
      attribute("timestamp", at.truncatedTo(ChronoUnit.MILLIS).toString());
    }
  }

  private void newline(int depth) throws XMLStreamException {
    xml.writeCharacters("\n" + "  ".repeat(depth));
  }

  private static String seconds(Duration time) {
    return Json.seconds(time).setScale(3, RoundingMode.HALF_UP).toPlainString();
  }
}
