package org.lastref.board;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;

/**
 * A small file that several users of a host share, with two locks of the operating system on it:
 * the door, held for moments by whoever looks or changes something, and the claim, held for as long
 * as its holder lives. The system drops both with the process, however that ends.
 *
 * <p>Java's are POSIX record locks, and these are a process's: closing any descriptor of the file
 * drops all of them (fcntl(2)). So a process has a file open once at most, and shares it within.
 */
final class LockFile implements AutoCloseable {

  /** Far more than is written; anyone may have written anything. */
  private static final int LARGEST = 8192;

  private static final Duration DOOR_LIMIT = Duration.ofSeconds(5);
  private static final long DOOR = 0;
  private static final long CLAIM = 1;

  /** The files that this process has open, guarded by itself. */
  private static final Map<Path, LockFile> OPEN = new HashMap<>();

  private final Path path;
  private final FileChannel channel;
  private final Object inode;
  private int users = 1;

  private LockFile(Path path, FileChannel channel, Object inode) {
    this.path = path;
    this.channel = channel;
    this.inode = inode;
  }

  /**
   * Opens a file, made if it is not there, open to every user of the host.
   *
   * @param path its folder's real path, and a name
   * @throws LabFault if it is anything but a plain file of one name, or may not be opened
   */
  static LockFile open(Path path) {
    LockFile file = open(path, true);
    if (file == null) {
      throw cannot("open", path, new NoSuchFileException(path.toString()));
    }
    return file;
  }

  /** The same, empty if the file is not there. */
  static Optional<LockFile> existing(Path path) {
    return Optional.ofNullable(open(path, false));
  }

  private static @Nullable LockFile open(Path path, boolean make) {
    synchronized (OPEN) {
      LockFile here = OPEN.get(path);
      if (here != null) {
        here.users++;
        return here;
      }
      try {
        LockFile file = opened(path, make);
        if (file != null) {
          OPEN.put(path, file);
        }
        return file;
      } catch (IOException e) {
        throw cannot("open", path, e);
      }
    }
  }

  /** Not through a link, and made by nobody else: the folder is open to all. */
  private static @Nullable LockFile opened(Path path, boolean make) throws IOException {
    while (true) {
      try {
        // Without CREATE: protected_regular of Linux refuses it for another user's file.
        FileChannel channel =
            FileChannel.open(
                path,
                Set.of(
                    StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
        return checked(path, channel);
      } catch (NoSuchFileException e) {
        if (!make) {
          return null;
        }
        make(path);
      }
    }
  }

  private static void make(Path path) throws IOException {
    try {
      Files.createFile(path);
      // Afterwards, for the umask's sake.
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
    } catch (FileAlreadyExistsException e) {
      // Someone else was quicker; it will do.
      return;
    }
  }

  private static LockFile checked(Path path, FileChannel channel) throws IOException {
    try {
      PosixFileAttributes file = attributes(path);
      Object names = Files.getAttribute(path, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
      if (!file.isRegularFile() || !names.equals(1)) {
        throw new IOException("it is no plain file of one name; delete it");
      }
      return new LockFile(path, channel, file.fileKey());
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static PosixFileAttributes attributes(Path path) throws IOException {
    return Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Does something while nobody else is behind the door.
   *
   * @throws LabFault if it does not open in 5 s
   */
  <T> T behindDoor(Supplier<T> work) {
    FileLock[] door = new FileLock[1];
    try {
      Awaitility.await("the door of " + path)
          .pollInSameThread()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(5))
          .atMost(DOOR_LIMIT)
          .until(() -> (door[0] = tried(DOOR)) != null);
    } catch (ConditionTimeoutException e) {
      throw new LabFault(
          "another process has %s locked for over %d s, which takes moments. Find it with: fuser -v %s"
              .formatted(path, DOOR_LIMIT.toSeconds(), path),
          e);
    }
    try {
      return work.get();
    } finally {
      release(door[0]);
    }
  }

  /** Takes the claim, null if another process has it, or this one. To be called behind the door. */
  @Nullable FileLock claim() {
    try {
      if (!inode.equals(attributes(path).fileKey())) {
        throw new LabFault(path + " was replaced while it was in use. Run again.");
      }
    } catch (IOException e) {
      throw cannot("look at", path, e);
    }
    return tried(CLAIM);
  }

  /** Whether anyone has the claim. To be called behind the door. */
  boolean isClaimed() {
    FileLock lock = tried(CLAIM);
    if (lock == null) {
      return true;
    }
    release(lock);
    return false;
  }

  private @Nullable FileLock tried(long position) {
    try {
      return channel.tryLock(position, 1, false);
    } catch (OverlappingFileLockException e) {
      return null;
    } catch (IOException e) {
      throw cannot("lock", path, e);
    }
  }

  static void release(FileLock lock) {
    try {
      lock.release();
    } catch (IOException e) {
      throw new LabFault("cannot release a lock: " + e.getMessage(), e);
    }
  }

  /** What is written in it, up to 8 KiB, by whoever. To be called behind the door. */
  String content() {
    ByteBuffer buffer = ByteBuffer.allocate(LARGEST);
    try {
      int read;
      do {
        read = channel.read(buffer, buffer.position());
      } while (read > 0 && buffer.hasRemaining());
    } catch (IOException e) {
      throw cannot("read", path, e);
    }
    return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
  }

  /** Writes it anew. To be called behind the door. */
  void write(String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    try {
      channel.truncate(0);
      for (ByteBuffer rest = ByteBuffer.wrap(bytes); rest.hasRemaining(); ) {
        channel.write(rest, rest.position());
      }
    } catch (IOException e) {
      throw cannot("write", path, e);
    }
  }

  /** Its number in the file system, as /proc/locks has it. */
  long inodeNumber() {
    try {
      return (Long) Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw cannot("look at", path, e);
    }
  }

  @Override
  public void close() {
    synchronized (OPEN) {
      if (--users > 0) {
        return;
      }
      OPEN.remove(path);
      try {
        channel.close();
      } catch (IOException e) {
        throw cannot("close", path, e);
      }
    }
  }

  private static LabFault cannot(String what, Path path, IOException e) {
    String why = e.getMessage() == null ? e.toString() : e.getMessage();
    return new LabFault(
        "cannot %s %s, by which runs share boards: %s".formatted(what, path, why), e);
  }
}
