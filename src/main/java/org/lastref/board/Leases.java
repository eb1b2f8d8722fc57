package org.lastref.board;

import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;
import org.lastref.image.UserCache;
import org.lastref.yaml.Durations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who uses which of a host's boards: a folder shared by all its users, with a file a board that is
 * locked while the board is in use, and one a waiting process.
 *
 * <p>A board that QEMU emulates is made anew for each run: nobody shares it and it needs no lease,
 * see {@link BoardDefinition#shared}.
 */
public final class Leases {

  private static final Duration POLL = Duration.ofMillis(200);
  private static final String CONSOLE = ".console";
  private static final Logger LOG = LoggerFactory.getLogger(Leases.class);
  private static final String SHARED = "/run/lock/lastref";

  private final Path folder;

  private Leases(Path folder) {
    this.folder = folder;
  }

  /**
   * What is known of a board's use.
   *
   * @param holder none if it is free
   * @param waiting how many processes wait for it
   */
  public record State(Optional<Holder> holder, int waiting) {}

  /**
   * Those of this host: in the folder that property {@code lastref.leases} or variable {@code
   * LASTREF_LEASES} names, else in {@code /run/lock/lastref}, which the first user makes for all,
   * else, for oneself, in the cache.
   *
   * @throws LabFault if there is no folder to be had
   */
  public static Leases ofHost() {
    String named = System.getProperty("lastref.leases", System.getenv("LASTREF_LEASES"));
    if (named != null && !named.isEmpty()) {
      return in(Path.of(named));
    }
    try {
      return in(Path.of(SHARED));
    } catch (LabFault e) {
      return in(UserCache.folder().resolve("leases"));
    }
  }

  /** Those in a folder, which is made if it is not there. */
  static Leases in(Path folder) {
    try {
      Path whole = folder.toAbsolutePath().normalize();
      if (!Files.isDirectory(whole)) {
        make(whole);
      }
      if (!Files.isDirectory(whole, LinkOption.NOFOLLOW_LINKS) || !Files.isWritable(whole)) {
        throw new IOException("it is no folder that this user can write to");
      }
      int mode = (Integer) Files.getAttribute(whole, "unix:mode");
      if ((mode & 01002) == 2) {
        throw new IOException("anyone can delete others' files there; run: chmod +t " + whole);
      }
      return new Leases(whole.toRealPath());
    } catch (IOException e) {
      String why = e instanceof FileSystemException ? e.toString() : e.getMessage();
      throw new LabFault(
          "cannot use %s, where runs tell which boards they use: %s".formatted(folder, why), e);
    }
  }

  /** Beside, then renamed: nobody sees it before all may write there. */
  private static void make(Path folder) throws IOException {
    Files.createDirectories(folder.getParent());
    Path beside = Files.createTempDirectory(folder.getParent(), ".lastref");
    Files.setAttribute(beside, "unix:mode", 01777);
    try {
      Files.move(beside, folder);
    } catch (IOException e) {
      Files.delete(beside);
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      }
    }
  }

  /** The folder. */
  public Path folder() {
    return folder;
  }

  /**
   * Takes a board, as soon as it is free and those who waited before have had it.
   *
   * @param board its name
   * @param holder who takes it, see {@link Holder#here}
   * @param wait how long to wait at most; zero not to
   * @param told what is waited for, each time that it changes
   * @throws LabFault if it is not free in time: who has it, since when, and what to do
   */
  public Lease take(String board, Holder holder, Duration wait, Consumer<String> told) {
    LockFile file = LockFile.open(leaseFile(board));
    try (Queue queue = new Queue(folder, board)) {
      Place place = new Place(file, queue, holder);
      FileLock claim = place.claimed();
      if (claim == null && !wait.isZero()) {
        claim = awaited(place, board, wait, told);
      }
      if (claim == null) {
        throw taken(board, place, wait);
      }
      sweep(board);
      return new Lease(file, claim, holder);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static @Nullable FileLock awaited(
      Place place, String board, Duration wait, Consumer<String> told) {
    FileLock[] claim = new FileLock[1];
    String[] last = {""};
    place.stand();
    try {
      Awaitility.await("the lease of board " + board)
          .pollInSameThread()
          .pollDelay(Duration.ZERO)
          .pollInterval(POLL)
          .atMost(wait)
          .until(
              () -> {
                claim[0] = place.claimed();
                String now = "waiting for board %s, %s".formatted(board, place.why());
                if (claim[0] == null && !now.equals(last[0])) {
                  told.accept(now);
                  last[0] = now;
                }
                return claim[0] != null;
              });
    } catch (ConditionTimeoutException e) {
      // Whoever waited in vain is told of the holder, not of the condition.
      return claim[0];
    }
    return claim[0];
  }

  private static LabFault taken(String board, Place place, Duration wait) {
    String what =
        wait.isZero()
            ? "board %s is not free: %s. --wait 10min waits for it"
            : "waited " + Durations.format(wait) + " for the lease of board %s: %s";
    return new LabFault(
        (what + ", ./lastref boards release %s tells how to stop who has it")
            .formatted(board, place.why(), board));
  }

  /** Who has a board, and how many wait for it. What a process wrote that has died is not told. */
  public State state(String board) {
    Optional<LockFile> there = LockFile.existing(leaseFile(board));
    if (there.isEmpty()) {
      return new State(Optional.empty(), 0);
    }
    try (LockFile file = there.get();
        Queue queue = new Queue(folder, board)) {
      return file.behindDoor(
          () ->
              new State(
                  file.isClaimed() ? Optional.of(Holder.parse(file.content())) : Optional.empty(),
                  queue.before().size()));
    }
  }

  /** Whether that process has the board by what the kernel knows of its locks: proc(5). */
  public boolean isHeldBy(String board, long pid) {
    try (LockFile file = LockFile.open(leaseFile(board))) {
      String line = ".* POSIX +ADVISORY +WRITE %d [^ ]*:%d 1 1$".formatted(pid, file.inodeNumber());
      return Files.readAllLines(Path.of("/proc/locks")).stream().anyMatch(l -> l.matches(line));
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Where this process serves the console of a board that it holds, for {@link Lease#consoleAt}.
   */
  public Path consoleSocket(String board) {
    return folder.resolve("%s.%d%s".formatted(board, ProcessHandle.current().pid(), CONSOLE));
  }

  /** Sockets that dead holders left: nobody else serves a board's console. */
  private void sweep(String board) {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, board + ".*" + CONSOLE)) {
      for (Path socket : left) {
        Files.deleteIfExists(socket);
      }
    } catch (IOException e) {
      LOG.debug("Another user's is left in {}", folder, e);
    }
  }

  Path healthFile(String board) {
    return folder.resolve(board + ".health");
  }

  private Path leaseFile(String board) {
    return folder.resolve(board + ".lease");
  }

  /** A process's place in the queue for a board. */
  private static final class Place {
    private final LockFile file;
    private final Queue queue;
    private final Holder me;
    private List<Path> before = List.of();
    private @Nullable Holder holder;

    Place(LockFile file, Queue queue, Holder me) {
      this.file = file;
      this.queue = queue;
      this.me = me;
    }

    void stand() {
      file.behindDoor(
          () -> {
            queue.stand();
            return queue;
          });
    }

    /** Takes the claim if it is this one's turn, and says so before anyone can look. */
    @Nullable FileLock claimed() {
      return file.behindDoor(
              () -> {
                before = queue.before();
                FileLock claim = before.isEmpty() ? file.claim() : null;
                if (claim != null) {
                  file.write(me.toJson());
                  queue.leave();
                } else {
                  holder = file.isClaimed() ? Holder.parse(file.content()) : null;
                }
                return Optional.ofNullable(claim);
              })
          .orElse(null);
    }

    String why() {
      return (holder == null ? "free for those who waited before" : "held by " + holder)
          + ", place "
          + (before.size() + 1);
    }
  }
}
