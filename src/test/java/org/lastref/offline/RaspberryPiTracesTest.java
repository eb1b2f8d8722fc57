package org.lastref.offline;

import static org.testng.Assert.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.lastref.cases.Suites;
import org.lastref.trace.StoredTrace;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * What a Raspberry Pi's kernel does beside the exercise is not taken for a part of it: pin control
 * before the bus probes, and other devices that are probed again in the same worker.
 */
public class RaspberryPiTracesTest {

  @DataProvider
  public Object[][] recorded() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/traces/raspi3b"))) {
      return files.sorted().map(file -> new Object[] {file}).toArray(Object[][]::new);
    }
  }

  @Test(dataProvider = "recorded")
  public void conforms(Path file) {
    StoredTrace stored = StoredTrace.read(file);
    Oracle oracle =
        TraceHeaders.oracle(Objects.requireNonNull(stored.header()), file, Suites.CATALOGUE);
    assertEquals(oracle.judge(stored.trace()).findings(), List.of());
  }
}
