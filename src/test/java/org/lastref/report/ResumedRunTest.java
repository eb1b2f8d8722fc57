package org.lastref.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.lastref.fault.InputFault;
import org.testng.annotations.Test;

/** A run's folder that is gone on with. */
public class ResumedRunTest extends TemporaryFolder {

  /** A run of four cases that ended early; two came to a verdict. */
  private Path ended() {
    var folder = RunFolder.create(root, "qemu-virt", Cases.NOW);
    folder.plan(List.of("good", "bad", "faulty", "left").stream().map(Cases::planned).toList());
    folder.addCase(Cases.result("good", Status.PASSED));
    folder.addCase(Cases.result("bad", Status.FAILED));
    folder.addCase(Cases.result("faulty", Status.ERROR));
    folder.close("interrupted");
    return folder.path();
  }

  private static String refused(Path path) {
    return "" + expectThrows(InputFault.class, () -> RunFolder.resume(path)).getMessage();
  }

  @Test
  public void keepsWhatCameToAVerdictAndPlansTheRestAgain() {
    var path = ended();
    var folder = RunFolder.resume(path);
    assertEquals(
        folder.report().cases().stream().map(CaseResult::id).toList(), List.of("good", "bad"));
    folder.plan(List.of(Cases.planned("faulty"), Cases.planned("left")));
    folder.addCase(Cases.result("left", Status.PASSED));
    folder.close("all cases ran");
    assertEquals(
        RunReport.read(path.resolve("run.json")).cases().stream().map(CaseResult::status).toList(),
        List.of(Status.PASSED, Status.FAILED, Status.SKIPPED, Status.PASSED));
  }

  @Test
  public void followsALinkToTheRun() {
    var path = ended();
    assertEquals(RunFolder.resume(root.resolve("latest")).path(), path);
  }

  @Test
  public void refusesARunThatStillGoesOn() {
    var folder = RunFolder.create(root, "qemu-virt", Cases.NOW);
    assertTrue(refused(folder.path()).endsWith(" still goes on"), refused(folder.path()));
  }

  @Test
  public void refusesAFolderThatHasAnotherName() throws Exception {
    var other = Files.move(ended(), root.resolve("other"));
    assertTrue(refused(other).contains("holds the run 20260131-120000-qemu-virt"), refused(other));
  }

  @Test
  public void refusesWhatIsNoRun() {
    assertTrue(refused(root).startsWith("cannot read the run's results: "), refused(root));
  }

  @Test
  public void leavesNoLockBehind() {
    assertFalse(Files.exists(ended().resolve(".lock")));
  }
}
