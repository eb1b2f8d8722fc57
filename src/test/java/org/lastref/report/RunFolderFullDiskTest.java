package org.lastref.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.testng.SkipException;
import org.testng.annotations.Test;

/** A real full disk: a tmpfs of 256 KiB in a mount namespace, gone with the child that fills it. */
public class RunFolderFullDiskTest extends TemporaryFolder {

  @Test
  public void aFullDiskIsOneLabFaultAndDestroysNothing() throws Exception {
    if (run("unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=256k", "none", root.toString())
            .exit()
        != 0) {
      throw new SkipException("no mount namespaces here: cannot make a small disk");
    }
    var child =
        run(
            "unshare",
            "-rm",
            "sh",
            "-c",
            "mount -t tmpfs -o size=256k none \"$1\" && shift && exec \"$@\"",
            "sh",
            root.toString(),
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            ChildRun.class.getName(),
            "until-full",
            root.toString());
    assertEquals(child.exit(), 0, child.output());
    var seen =
        Pattern.compile(
                "fault cannot write the results: (.+): No space left on device\\. What was written"
                    + " before is still whole\\. .*\n"
                    + "added (\\d+) json (\\d+)\nxml (\\d+)\nleft 0\n"
                    + "closed (\\d+) disk full\nxml (\\d+)\n")
            .matcher(child.output());
    assertTrue(seen.matches(), child.output());
    int added = Integer.parseInt(seen.group(2));
    assertTrue(added > 3, child.output());
    assertEquals(Integer.parseInt(seen.group(3)), added);
    // The XML is written first and may have had the room the JSON lacked.
    assertTrue(Integer.parseInt(seen.group(4)) - added <= 1, child.output());
    // The case that met the full disk is not lost: with room it is written.
    assertEquals(Integer.parseInt(seen.group(5)), added + 1);
    assertEquals(Integer.parseInt(seen.group(6)), added + 1);
  }

  private record Ended(int exit, String output) {}

  private static Ended run(String... command) throws IOException, InterruptedException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      return new Ended(127, e.toString());
    }
    try (var out = process.getInputStream()) {
      process
          .onExit()
          .orTimeout(60, TimeUnit.SECONDS)
          .exceptionally(e -> process.destroyForcibly());
      var output = new String(out.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      return new Ended(process.waitFor(), output);
    }
  }
}
