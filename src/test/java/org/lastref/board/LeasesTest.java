package org.lastref.board;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertNull;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.lastref.fault.LabFault;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Leases between real processes. */
public class LeasesTest {

  private static final Duration LONG = Duration.ofSeconds(60);

  private Path folder = Path.of("");
  private Leases leases = Leases.in(Path.of(System.getProperty("java.io.tmpdir")));

  @BeforeMethod
  void makeFolder() throws Exception {
    folder = Files.createTempDirectory("lastref-leases").resolve("shared");
    leases = Leases.in(folder);
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws Exception {
    try (Stream<Path> files = Files.walk(folder.getParent())) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private Lease take(String board) {
    return leases.take(board, Holder.here(List.of("test"), ""), Duration.ZERO, told -> {});
  }

  private LeaseHolder child(String board, Duration wait) throws IOException {
    return LeaseHolder.start(folder, board, wait);
  }

  private int waiting(String board) {
    return leases.state(board).waiting();
  }

  private List<String> tickets() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.contains("ticket"))
          .toList();
    }
  }

  private void awaitWaiting(int count) {
    Awaitility.await("%d to wait".formatted(count))
        .pollDelay(Duration.ZERO)
        .atMost(30, TimeUnit.SECONDS)
        .until(() -> waiting("pi") == count);
  }

  @Test
  public void namesTheHolderWhileItLivesAndNobodyAfterItsDeath() throws Exception {
    try (LeaseHolder child = child("pi", Duration.ZERO)) {
      assertEquals(child.next(), "taken");
      Holder holder = leases.state("pi").holder();
      assertEquals(holder.pid(), child.pid());
      assertEquals(holder.command(), "holder pi");
      assertTrue(holder.isHere());
      assertTrue(leases.isHeldBy("pi", child.pid()));
      assertFalse(leases.isHeldBy("pi", ProcessHandle.current().pid()));
      LabFault refused = expectThrows(LabFault.class, () -> take("pi"));
      assertTrue(
          refused.getMessage().startsWith("board pi is not free: held by " + holder + ", place 1."),
          refused.getMessage());

      child.kill();

      assertNull(leases.state("pi").holder());
      try (Lease lease = take("pi")) {
        assertEquals(leases.state("pi").holder(), lease.holder());
      }
    }
  }

  @Test
  public void isFreeForOthersOnceGivenBack() throws Exception {
    Lease mine = take("pi");
    try (LeaseHolder child = child("pi", Duration.ZERO)) {
      assertTrue(child.next().startsWith("refused: board pi is not free: held by "));
    }
    mine.close();
    mine.close();
    try (LeaseHolder child = child("pi", Duration.ZERO)) {
      assertEquals(child.next(), "taken");
    }
  }

  /** POSIX locks would let the same process in, and lose all with any descriptor it closes. */
  @Test
  public void isNotTakenTwiceByOneProcessNorLostByLooking() throws Exception {
    try (Lease lease = take("pi")) {
      assertThrows(LabFault.class, () -> take("pi"));
      assertEquals(leases.state("pi").holder(), lease.holder());
      try (LeaseHolder child = child("pi", Duration.ZERO)) {
        assertTrue(child.next().startsWith("refused: "));
      }
    }
  }

  @Test
  public void boardsDoNotDisturbEachOther() {
    try (Lease one = take("pi");
        Lease other = take("pi-2")) {
      assertEquals(leases.state("pi").holder(), one.holder());
      assertEquals(leases.state("pi-2").holder(), other.holder());
    }
  }

  @Test
  public void goesToThoseWhoWaitInTheirOrderAndPassesTheDeadOver() throws Exception {
    Lease mine = take("pi");
    try (LeaseHolder first = child("pi", LONG)) {
      assertTrue(first.next().endsWith(", place 1"));
      awaitWaiting(1);
      try (LeaseHolder second = child("pi", LONG);
          LeaseHolder third = new Waiter(second, 2).after("pi")) {
        first.kill();
        awaitWaiting(2);
        mine.close();
        assertEquals(skipTo(second, "taken"), "taken");
        LabFault refused = expectThrows(LabFault.class, () -> take("pi"));
        assertTrue(refused.getMessage().contains("place 2"), refused.getMessage());
        second.end();
        assertEquals(skipTo(third, "taken"), "taken");
      }
    }
    assertEquals(tickets(), List.of());
  }

  /** Starts a child once another one has its place. */
  private final class Waiter {
    private final LeaseHolder before;
    private final int place;

    Waiter(LeaseHolder before, int place) {
      this.before = before;
      this.place = place;
    }

    LeaseHolder after(String board) throws IOException {
      assertTrue(before.next().endsWith(", place " + place));
      LeaseHolder child = child(board, LONG);
      assertTrue(child.next().endsWith(", place " + (place + 1)));
      return child;
    }
  }

  private static String skipTo(LeaseHolder child, String wanted) throws IOException {
    String line = child.next();
    while (line.startsWith("waiting") && !line.equals(wanted)) {
      line = child.next();
    }
    return line;
  }

  @Test
  public void givesUpWaitingInTimeAndSaysForWhat() throws Exception {
    try (LeaseHolder child = child("pi", Duration.ZERO)) {
      assertEquals(child.next(), "taken");
      List<String> told = new ArrayList<>();
      LabFault fault =
          expectThrows(
              LabFault.class,
              () ->
                  leases.take(
                      "pi", Holder.here(List.of("me"), ""), Duration.ofSeconds(1), told::add));
      assertTrue(
          fault.getMessage().startsWith("waited 1s for the lease of board pi: held by "),
          fault.getMessage());
      assertEquals(told.size(), 1, "" + told);
      assertTrue(told.get(0).startsWith("waiting for board pi, held by "), "" + told);
      assertEquals(waiting("pi"), 0);
      assertEquals(tickets(), List.of());
    }
  }

  @Test
  public void ofManyThatRaceOneGetsIt() throws Exception {
    List<LeaseHolder> children = new ArrayList<>();
    try {
      for (int i = 0; i < 4; i++) {
        children.add(child("pi", Duration.ZERO));
      }
      int taken = 0;
      for (LeaseHolder child : children) {
        taken += child.next().equals("taken") ? 1 : 0;
      }
      assertEquals(taken, 1);
    } finally {
      for (LeaseHolder child : children) {
        child.close();
      }
    }
  }

  @Test
  public void makesAFolderThatEveryUserCanUseAndNobodyEmpty() throws Exception {
    assertEquals(Files.getAttribute(folder, "unix:mode"), 041777);
    try (Lease lease = take("pi")) {
      assertEquals(
          Files.getAttribute(folder.resolve("pi.lease"), "unix:mode"), 0100666, "" + lease);
    }
  }

  @Test
  public void writesNothingThroughALinkOrToAnotherNameOfAFile() throws Exception {
    Path victim = Files.writeString(folder.getParent().resolve("victim"), "precious");
    Files.createSymbolicLink(folder.resolve("soft.lease"), victim);
    Files.createLink(folder.resolve("hard.lease"), victim);
    Files.createDirectory(folder.resolve("folder.lease"));
    for (String board : List.of("soft", "hard", "folder")) {
      assertThrows(LabFault.class, () -> take(board));
    }
    assertEquals(Files.readString(victim), "precious");
  }

  @Test
  public void refusesAFolderInWhichAnyoneMayDeleteOthersFiles() throws Exception {
    Path open = Files.createDirectory(folder.resolve("open"));
    Files.setAttribute(open, "unix:mode", 0777);
    LabFault fault = expectThrows(LabFault.class, () -> Leases.in(open));
    assertTrue(fault.getMessage().endsWith("chmod +t " + open), fault.getMessage());
  }

  /** Anyone can write what he likes there. */
  @Test
  public void showsAHoldersTextsWithoutWhatATerminalActsUpon() throws Exception {
    try (Lease lease = take("pi")) {
      Path file = folder.resolve("pi.lease");
      try (LeaseHolder child = child("pi", Duration.ZERO)) {
        assertTrue(child.next().startsWith("refused"));
        // From here: this process must not open and close the file it has locks on.
        new ProcessBuilder(
                "sh",
                "-c",
                "printf '{\"user\":\"\\\\u001b[2Jx\",\"since\":\"2026-01-31T12:00:00Z\"}' >$0",
                "" + file)
            .inheritIO()
            .start()
            .waitFor();
      }
      assertEquals(leases.state("pi").holder().user(), "?[2Jx", "" + lease);
      new ProcessBuilder("sh", "-c", "head -c 1000000 /dev/zero >$0", "" + file)
          .inheritIO()
          .start()
          .waitFor();
      assertEquals(leases.state("pi").holder().user(), "?");
    }
  }

  @Test
  public void keepsTheHealthOfABoard() {
    assertEquals(Health.of(leases, "pi").notes().size(), 0);
    Health.record(leases, "pi", Health.Kind.GOOD, "all well");
    Health.record(leases, "pi", Health.Kind.QUARANTINED, "no life\nin \u001b it");
    assertEquals(Health.of(leases, "pi").last(Health.Kind.GOOD).orElseThrow().what(), "all well");
    assertTrue(Health.of(leases, "pi").isQuarantined());
    assertEquals(
        Health.of(leases, "pi").last(Health.Kind.QUARANTINED).orElseThrow().what(),
        "no life in it");
    Health.release(leases, "pi");
    assertFalse(Health.of(leases, "pi").isQuarantined());
    assertEquals(Health.of(leases, "pi").notes().size(), 1);
  }

  @Test
  public void takesAHealthThatMakesNoSenseForNone() throws Exception {
    Files.writeString(folder.resolve("pi.health"), "{\"GOOD\":{\"when\":\"soon\"}}");
    assertEquals(Health.of(leases, "pi").notes().size(), 0);
    Health.record(leases, "pi", Health.Kind.GOOD, "well");
    assertEquals(Health.of(leases, "pi").notes().size(), 1);
  }
}
