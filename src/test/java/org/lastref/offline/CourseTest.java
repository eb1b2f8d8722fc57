package org.lastref.offline;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.NavigableSet;
import org.lastref.trace.StoredTrace;
import org.testng.annotations.Test;

/** What recorded cycles went through. */
public class CourseTest {

  private static NavigableSet<String> course(String trace) {
    return Course.of(
        StoredTrace.read(Path.of("src/test/resources/traces", trace + ".trace.gz")).trace());
  }

  @Test
  public void hasWhatCameAndWhoWaitedForWhom() {
    assertTrue(
        course("field/mux-first")
            .containsAll(
                List.of(
                    "device lr-mux comes",
                    "device lr-mux is put off",
                    "device lr-mux is bound",
                    "link from lr-mux to its supplier lr-gpio")),
        "" + course("field/mux-first"));
  }

  @Test
  public void hasTheOrderInWhichDevicesGo() {
    assertEquals(
        course("stands/locks").stream().filter(each -> each.startsWith("devices go")).toList(),
        List.of("devices go in this order: lr-faulty"));
  }

  /** Else no two cycles would have the same. */
  @Test
  public void hasNoNumbersThatAKernelGives() {
    assertTrue(
        course("situations/rebind").stream().noneMatch(each -> each.matches(".*gpiochip\\d.*")));
    assertTrue(course("field/mux-first").contains("device i2c-N comes"));
    assertTrue(
        course("stands/locks").stream().noneMatch(each -> each.matches(".*\\b0x[0-9a-f]+.*")));
  }
}
