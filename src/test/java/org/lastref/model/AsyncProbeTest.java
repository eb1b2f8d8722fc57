package org.lastref.model;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.lastref.machine.Exploration;
import org.lastref.machine.Explorer;
import org.lastref.machine.Machine;
import org.lastref.machine.Outcome;
import org.lastref.model.AsyncProbe.Change;
import org.lastref.model.AsyncProbe.Course;
import org.lastref.model.AsyncProbe.End;
import org.lastref.model.AsyncProbe.Hold;
import org.lastref.model.AsyncProbe.Keeps;
import org.lastref.model.AsyncProbe.Later;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Which ends an asynchronous probe may come to, whatever the interleaving. */
public class AsyncProbeTest {

  private static final String CLEAN = "clean";
  private static final String REPORTED = "/lr-slow is reported as leaked";

  private static final String KEPT = REPORTED + "; a reference to /lr-slow is never given back";

  private static final Keeps RIGHT = Keeps.NOTHING;

  static Exploration explored(Machine machine) {
    return Explorer.search(machine, 64 << 20, (states, open) -> {});
  }

  static Set<String> ends(Machine machine) {
    Exploration found = explored(machine);
    assertTrue(found.complete(), machine.name());
    return found.outcomes().stream().map(Outcome::toString).collect(Collectors.toSet());
  }

  /** Every course there is. */
  static List<Course> courses() {
    List<Course> courses = new ArrayList<>();
    for (Later later : Later.values()) {
      for (Hold hold : Hold.values()) {
        for (End end : End.values()) {
          for (Change first : Change.values()) {
            if (later != Later.DRIVER || first == Change.REMOVE || hold == Hold.NOTHING) {
              courses.add(new Course(later, hold, end, first));
            }
          }
        }
      }
    }
    return courses;
  }

  /** For Spin: those that differ by more than the act that a probe ends with. */
  static List<Machine> all() {
    List<Machine> machines = new ArrayList<>();
    for (Course course : courses()) {
      if (course.end() != End.FAILS) {
        machines.add(AsyncProbe.of(course, RIGHT, false).machine());
        machines.add(AsyncProbe.of(course, RIGHT, true).machine());
        machines.add(AsyncProbe.of(course, Keeps.DEVICE, false).machine());
      }
    }
    return machines;
  }

  @DataProvider
  public Object[][] everyCourse() {
    return courses().stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  @Test(dataProvider = "everyCourse")
  public void aRightDriverIsCleanWhereDeletingWaitsForTheAttach(Course course) {
    assertEquals(ends(AsyncProbe.of(course, RIGHT, true).machine()), Set.of(CLEAN));
  }

  @Test
  public void aRemovalBeforeTheProbeIsAlwaysReportedIfNothingWaits() {
    for (Later later : Later.values()) {
      Course course = new Course(later, Hold.QUEUE, End.SUCCEEDS, Change.REMOVE);
      assertEquals(
          ends(AsyncProbe.of(course, RIGHT, false).machine()), Set.of(REPORTED), later + "");
    }
  }

  @Test
  public void aRemovalWhileProbingMayBeReportedForTheAttachPutsTheDeviceAfterItsLock() {
    for (End end : End.values()) {
      Course course = new Course(Later.DEVICE, Hold.PROBE, end, Change.REMOVE);
      assertEquals(
          ends(AsyncProbe.of(course, RIGHT, false).machine()), Set.of(CLEAN, REPORTED), end + "");
    }
  }

  @Test
  public void aRemovalAfterTheAttachIsClean() {
    for (End end : End.values()) {
      Course course = new Course(Later.DEVICE, Hold.NOTHING, end, Change.REMOVE);
      assertEquals(ends(AsyncProbe.of(course, RIGHT, false).machine()), Set.of(CLEAN), end + "");
    }
  }

  @Test
  public void anUnloadWaitsForTheAttachSoTheRemovalAfterItIsClean() {
    for (Later later : List.of(Later.DEVICE, Later.ASYNC_DRIVER)) {
      for (Hold hold : Hold.values()) {
        for (End end : End.values()) {
          Course course = new Course(later, hold, end, Change.UNLOAD);
          assertEquals(
              ends(AsyncProbe.of(course, RIGHT, false).machine()), Set.of(CLEAN), course + "");
        }
      }
    }
  }

  /** What a wrong driver keeps is reported even where everything waits. */
  @Test(dataProvider = "everyCourse")
  public void aDriverThatKeepsAReferenceIsReportedIfItProbes(Course course) {
    for (Keeps keeps : List.of(Keeps.NODE, Keeps.DEVICE)) {
      Set<String> ends = ends(AsyncProbe.of(course, keeps, true).machine());
      boolean probes =
          course.hold() != Hold.QUEUE
              || (course.first() == Change.UNLOAD && course.later() == Later.ASYNC_DRIVER);
      assertEquals(ends, Set.of(probes ? KEPT : CLEAN), keeps + "");
    }
  }
}
