package org.lastref.fdt;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;
import org.lastref.fault.LabFault;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** dtc, run on sources good and bad. */
public class OverlayCompilerTest {
  private Path folder = Path.of("");

  @BeforeMethod
  public void makeFolder() throws IOException {
    folder = Files.createTempDirectory("lastref");
  }

  @AfterMethod
  public void deleteFolder() throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  @Test
  public void compilesWithAndWithoutSymbols() throws IOException {
    Path source = write("plain.dtso", "/dts-v1/;\n/plugin/;\n/ { label: node { }; };\n");
    assertTrue(Fdt.parse(new OverlayCompiler().compile(source, true), "with").hasSymbols());
    assertFalse(Fdt.parse(new OverlayCompiler().compile(source, false), "without").hasSymbols());
  }

  @Test
  public void takesAnyFileNameForAFileName() throws IOException {
    for (String name : new String[] {"-h", "$(touch x); y z.dtso", "-", "a'b\"c"}) {
      Path source = write(name, "/dts-v1/;\n/ { ok; };\n");
      Fdt tree = Fdt.parse(new OverlayCompiler().compile(source, false), name);
      assertTrue(tree.root().property("ok").isPresent(), name);
    }
    try (var files = Files.list(folder)) {
      assertEquals(files.count(), 4L);
    }
  }

  @Test
  public void passesOnWhatDtcSaysOfABadSource() throws IOException {
    Path source = write("bad.dtso", "/dts-v1/;\n/plugin/;\n/ { foo = <1 };\n");
    String message = Tools.refusal(() -> new OverlayCompiler().compile(source, true));
    String first = message.lines().findFirst().orElse("");
    assertTrue(first.startsWith("dtc refuses " + source + ": Error: "), message);
    assertTrue(first.endsWith("bad.dtso:3.14-15 syntax error"), message);
    assertTrue(message.contains("FATAL ERROR: Unable to parse input tree"), message);
  }

  @Test
  public void saysThatDtcHasNoPreprocessor() throws IOException {
    Path source = write("cpp.dtso", "/dts-v1/;\n#include <dt-bindings/gpio/gpio.h>\n/ { };\n");
    String message = Tools.refusal(() -> new OverlayCompiler().compile(source, true));
    assertTrue(message.contains("which dtc lacks"), message);
  }

  @Test
  public void lessThanAFileIsRefused() {
    String missing =
        Tools.refusal(() -> new OverlayCompiler().compile(folder.resolve("no.dtso"), true));
    assertTrue(missing.contains("no.dtso: no such file"), missing);
    assertTrue(
        Tools.refusal(() -> new OverlayCompiler().compile(folder, true)).contains("no such"));
  }

  @Test
  public void namesThePackageWhenDtcIsMissing() throws IOException {
    Path source = write("a.dts", "/dts-v1/;\n/ { };\n");
    OverlayCompiler compiler = new OverlayCompiler("no-such-dtc", Duration.ofSeconds(5));
    String message = labFault(() -> compiler.compile(source, true));
    assertTrue(message.contains("install the package device-tree-compiler"), message);
  }

  @Test
  public void endsACompilerThatDoesNotFinish() throws IOException {
    Path source = write("a.dts", "/dts-v1/;\n/ { };\n");
    OverlayCompiler compiler =
        new OverlayCompiler(program("exec sleep 600"), Duration.ofMillis(200));
    String message = labFault(() -> compiler.compile(source, true));
    assertTrue(message.contains("did not finish compiling " + source + " within 200 ms"), message);
  }

  @Test
  public void boundsTheBlobAndTheMessages() throws IOException {
    Path source = write("a.dts", "/dts-v1/;\n/ { };\n");
    String flood = "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; exit ";
    Duration limit = Duration.ofSeconds(30);
    String big =
        Tools.refusal(() -> new OverlayCompiler(program(flood + "0"), limit).compile(source, true));
    assertTrue(big.contains("more than the limit of 2097152 bytes"), big);
    String noisy =
        Tools.refusal(() -> new OverlayCompiler(program(flood + "1"), limit).compile(source, true));
    assertTrue(noisy.length() < 70_000, noisy.length() + " characters");
    assertFalse(noisy.contains("\0"));
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private String program(String script) throws IOException {
    Path file = write("dtc", "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return file.toString();
  }

  private static String labFault(org.testng.Assert.ThrowingRunnable action) {
    return Objects.requireNonNull(expectThrows(LabFault.class, action).getMessage());
  }
}
