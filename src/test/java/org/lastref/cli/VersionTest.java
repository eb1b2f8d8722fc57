package org.lastref.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.testng.annotations.Test;

/** What {@code --version} prints. */
public class VersionTest {

  @Test
  public void printsTheOneOfThePom() throws Exception {
    Path folder = Files.createTempDirectory("lastref-version");
    try {
      Matcher pom =
          Pattern.compile("<artifactId>lastref</artifactId>\\s*<version>([0-9.]+)(-SNAPSHOT)?<")
              .matcher(Files.readString(Child.PROJECT.resolve("pom.xml")));
      assertTrue(pom.find());
      Child child = Child.run(folder, "--version");
      assertEquals(child.exit(), 0, child.err());
      assertTrue(
          child
              .out()
              .matches("lastref %s( \\([0-9a-f]{12}(-dirty)?\\))?\n".formatted(pom.group(1))),
          child.out());
    } finally {
      Child.delete(folder);
    }
  }
}
