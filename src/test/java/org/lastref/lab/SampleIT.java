package org.lastref.lab;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.lastref.fault.LabFault;
import org.testng.TestListenerAdapter;
import org.testng.TestNG;
import org.testng.annotations.Test;

/** What others write with it: the sample in docs, built and run, and what it is told. */
public class SampleIT {

  private static final Path SAMPLE =
      Path.of("docs/sample/src/test/java/com/example/MyOverlayTest.java");

  @Test
  public void theSampleIsBuiltAndPasses() throws Exception {
    Path classes = Files.createTempDirectory("lastref-sample");
    try {
      int built =
          ToolProvider.getSystemJavaCompiler()
              .run(
                  null,
                  null,
                  null,
                  "-proc:none",
                  "-d",
                  classes.toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  SAMPLE.toString());
      assertEquals(built, 0);
      try (URLClassLoader loader =
          new URLClassLoader(new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
        TestListenerAdapter told = new TestListenerAdapter();
        TestNG tests = new TestNG(false);
        tests.setTestClasses(new Class<?>[] {loader.loadClass("com.example.MyOverlayTest")});
        tests.addListener(told);
        tests.run();
        assertEquals(told.getPassedTests().size(), 1, told.getFailedTests().toString());
      }
    } finally {
      try (Stream<Path> files = Files.walk(classes)) {
        for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  @Test
  public void whoHoldsWhatIsTold() {
    try (Lab lab = Lab.open()) {
      Removal removal = lab.remove(Path.of("overlays/pair.dtso"), 2);
      assertEquals(removal.cycles(), 2);
      assertTrue(
          removal.holders().stream()
              .anyMatch(
                  each ->
                      each.object().equals("lr-div") && each.function().equals("device_link_add")),
          removal.holders().toString());
    }
  }

  @Test
  public void anOverlayStaysUntilItIsRemoved() {
    String status = "/sys/kernel/config/device-tree/overlays/pair/status";
    try (Lab lab = Lab.open()) {
      Applied applied = lab.apply(Path.of("overlays/pair.dtso"));
      assertEquals(lab.run("cat", status).strip(), "applied");
      expectThrows(IllegalStateException.class, () -> lab.apply(Path.of("overlays/leds.dtso")));
      Removal removal = applied.remove();
      assertTrue(removal.isClean(), removal.toString());
      assertTrue(
          removal.holders().stream().anyMatch(each -> each.function().equals("device_link_add")),
          removal.holders().toString());
      expectThrows(LabFault.class, () -> lab.run("cat", status));
      assertTrue(lab.remove(Path.of("overlays/pair.dtso")).isClean());
    }
  }
}
