package org.lastref.image;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testng.annotations.Test;

/** What checkpatch.pl, of the very source that was built, says of our patches and modules. */
public class KernelStyleIT {

  @Test
  public void findsNoErrorInPatchesAndModules() throws IOException {
    KernelBuild kernel = Images.ensure(Path.of("").toAbsolutePath()).kernel();
    List<String> lines = Files.readAllLines(kernel.folder().resolve("checkpatch.log"));
    assertTrue(
        lines.stream().anyMatch(line -> line.startsWith("total: 0 errors")),
        "it did not run: " + lines);
    assertEquals(lines.stream().filter(line -> line.startsWith("ERROR: ")).toList(), List.of());
  }
}
