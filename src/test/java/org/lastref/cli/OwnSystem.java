package org.lastref.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertNotEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.lastref.board.Board;
import org.lastref.board.BoardDefinition;
import org.lastref.board.LifeCycle;
import org.lastref.image.Guest;
import org.lastref.image.Images;
import org.lastref.link.SshShell;
import org.lastref.report.Status;
import org.lastref.rig.OwnSystemRig;
import org.testng.annotations.AfterClass;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/**
 * A board under its own system, visited as an ordinary user: its kernel is judged, and it is left
 * as it was, whatever happens. For the nights: a kernel and a root file system are built for it.
 */
public class OwnSystem {

  @SuppressWarnings("NullAway.Init")
  private OwnSystemRig rig;

  private Watched runs = new Watched(Path.of(""));

  @BeforeClass
  void start() throws Exception {
    rig = OwnSystemRig.start();
  }

  @AfterClass(alwaysRun = true)
  void stop() throws Exception {
    if (rig != null) {
      rig.close();
    }
  }

  @BeforeMethod
  void makeFolder() throws Exception {
    runs = Watched.open();
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws Exception {
    runs.close();
  }

  private List<String> words(Path board, String... more) {
    List<String> words =
        new ArrayList<>(List.of("run", "--board", "" + board, "--results", "" + runs.results()));
    words.addAll(List.of(more));
    return words;
  }

  /** As a board that nothing was ever built for. */
  private Child fresh(Path board) throws Exception {
    return Child.run(
        runs.folder(),
        List.of(),
        Map.of("XDG_CACHE_HOME", runs.folder().resolve("cache").toString()),
        words(board, "--only", "pair"));
  }

  @Test
  public void itsKernelIsJudgedAndNothingIsLeft() throws Exception {
    Child child = runs.run(words(rig.yaml("lab", false), "--only", "pair,cycle,leds"));
    assertEquals(child.exit(), 0, child.err());
    assertEquals(runs.statuses(), List.of(Status.PASSED, Status.PASSED, Status.PASSED));
    assertTrue(child.out().contains("The promise is kept"), child.out());
    assertEquals(rig.ours(), "");
  }

  @Test
  public void aKilledHarnessLeavesNothingOnIt() throws Exception {
    Process harness =
        runs.start(words(rig.yaml("lab", false), "--only", "pair", "--cycles", "10000"));
    // The first of these tests fetches the board's headers and builds what is loaded there.
    runs.awaitLife("testing: pair", Duration.ofMinutes(5));
    harness.destroyForcibly();
    Awaitility.await("the board to be as it was")
        .atMost(Duration.ofSeconds(30))
        .until(() -> rig.ours().isEmpty());
  }

  @Test
  public void withoutSudoItSaysHowToAllowIt() throws Exception {
    Child child = runs.run(words(rig.yaml("visitor", false), "--only", "pair"));
    assertEquals(child.exit(), 3, child.err());
    assertTrue(child.err().contains("visitor ALL=(root) NOPASSWD: ALL"), child.err());
  }

  @Test
  public void headersOfAnotherKernelAreRefused() throws Exception {
    String release = "/lib/modules/$(uname -r)/build/include/config/kernel.release";
    rig.ssh("sudo sh -c 'echo 6.6.6 >" + release + "'");
    Child child = fresh(rig.yaml("lab", false));
    rig.ssh("sudo sh -c 'uname -r >" + release + "'");
    assertEquals(child.exit(), 2, child.err());
    assertTrue(child.err().contains("its headers are of 6.6.6"), child.err());
    assertEquals(rig.ours(), "");
  }

  @Test
  public void aMissingCompilerIsNamed() throws Exception {
    rig.ssh("sudo mv /usr/bin/gcc /usr/bin/gcc.away");
    Child child = fresh(rig.yaml("lab", false));
    rig.ssh("sudo mv /usr/bin/gcc.away /usr/bin/gcc");
    assertEquals(child.exit(), 2, child.err());
    assertTrue(child.err().contains("it has no gcc"), child.err());
  }

  @Test(priority = 1)
  public void aKernelThatTakesNoModulesIsNamed() throws Exception {
    rig.ssh("sudo sh -c 'echo 1 >/proc/sys/kernel/modules_disabled'");
    Child child = runs.run(words(rig.yaml("lab", false), "--only", "pair"));
    rig.restart();
    assertEquals(child.exit(), 3, child.err());
    assertTrue(child.err().contains("locked down"), child.err());
  }

  @Test
  public void itIsStartedAgainByItsOwnMeansAndVisitedAnew() throws Exception {
    BoardDefinition definition = BoardDefinition.load(rig.yaml("lab", false));
    Images images;
    try (SshShell shell = Board.shellOf(definition)) {
      images = Images.installed(Child.PROJECT, shell, definition.name());
    }
    LifeCycle life = LifeCycle.of(definition.name(), runs.folder());
    String before = rig.ssh("cat /proc/sys/kernel/random/boot_id");
    try (Board board = Board.visit(definition, (Guest) images.payload(), runs.folder(), life)) {
      life.to(LifeCycle.State.HUNG, "a case left something");
      life.to(LifeCycle.State.RECOVERING, "reboot");
      board.reboot();
      assertEquals(board.courier().call(List.of("true"), Watched.LIMIT).words(), List.of());
      life.to(LifeCycle.State.HUNG, "a case does not end");
      life.to(LifeCycle.State.RECOVERING, "Ctrl-C");
      board.attach();
      assertEquals(board.courier().call(List.of("true"), Watched.LIMIT).words(), List.of());
      assertEquals(board.shell().run(List.of("id", "-u"), Watched.LIMIT).output(), "0\n");
    }
    assertNotEquals(rig.ssh("cat /proc/sys/kernel/random/boot_id"), before);
    assertEquals(rig.ours(), "");
  }

  @Test(priority = 1)
  public void aBoardThatPanicsIsSwitchedOffAndOnAndTheNextCaseRuns() throws Exception {
    Process harness =
        runs.start(words(rig.yaml("lab", true), "--only", "chain,pair", "--cycles", "100"));
    runs.awaitLife("testing: chain");
    rig.ssh("sudo sh -c '(sleep 0.3; echo c >/proc/sysrq-trigger) >/dev/null 2>&1 &'");
    assertEquals(runs.end(harness), 3, runs.said());
    assertEquals(runs.statuses(), List.of(Status.ERROR, Status.PASSED));
    assertEquals(rig.ours(), "");
  }

  @Test
  public void anotherKernelCannotBeChosenForIt() throws Exception {
    Child child = runs.run(words(rig.yaml("lab", false), "--kernel", "6.12"));
    assertEquals(child.exit(), 2, child.err());
    assertTrue(child.err().contains("runs its own system"), child.err());
    assertTrue(Files.notExists(runs.results()), "nothing was begun");
  }
}
