package org.lastref.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;

/** A folder of its own for each test method. */
abstract class TemporaryFolder {

  Path root = Path.of("");

  @BeforeMethod
  void makeFolder() throws IOException {
    root = Files.createTempDirectory("lastref-report-test");
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws IOException {
    try (var files = Files.walk(root)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
