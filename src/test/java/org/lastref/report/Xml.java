package org.lastref.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/** Reads XML with the JDK's own parser, which must find it well-formed. */
final class Xml {

  private Xml() {}

  static Element parse(byte[] xml) {
    try {
      var factory = DocumentBuilderFactory.newDefaultInstance();
      var builder = factory.newDocumentBuilder();
      builder.setErrorHandler(null);
      return builder.parse(new ByteArrayInputStream(xml)).getDocumentElement();
    } catch (SAXException | ParserConfigurationException e) {
      throw new AssertionError("not well-formed: " + new String(xml, UTF_8), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Element parse(Path file) {
    try {
      return parse(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The suites as a CI server finds them. */
  static List<Element> suites(Path folder) {
    try (Stream<Path> files = Files.list(folder.resolve("junit"))) {
      return files
          .filter(f -> f.getFileName().toString().matches("TEST-.*\\.xml"))
          .sorted()
          .map(Xml::parse)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<Element> children(Element parent, String name) {
    var found = new ArrayList<Element>();
    for (var node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element e && e.getTagName().equals(name)) {
        found.add(e);
      }
    }
    return found;
  }

  static List<String> caseNames(Path folder) {
    return suites(folder).stream()
        .flatMap(s -> children(s, "testcase").stream())
        .map(c -> c.getAttribute("name"))
        .toList();
  }
}
