package org.lastref.board;

import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;

/**
 * The queue for a board: each who waits has a numbered file, locked while its process lives. All is
 * done behind the door of the board's own file.
 */
final class Queue implements AutoCloseable {

  private static final int MAX_WAITING = 1000;

  private final Path folder;
  private final Pattern name;
  private final String format;
  private @Nullable LockFile ticket;
  private int number = Integer.MAX_VALUE;

  Queue(Path folder, String board) {
    this.folder = folder;
    name = Pattern.compile(Pattern.quote(board) + "\\.ticket-([0-9]{1,9})");
    format = board + ".ticket-%d";
  }

  /** The files of those who wait, and began to before this one did; those of the dead go. */
  List<Path> before() {
    List<Path> live = new ArrayList<>();
    for (Path file : tickets()) {
      if (number(file) < number && isLive(file)) {
        live.add(file);
      }
    }
    return live;
  }

  /** Goes to the end of the queue. */
  void stand() {
    int last = before().stream().mapToInt(this::number).max().orElse(0);
    LockFile file = LockFile.open(folder.resolve(format.formatted(last + 1)));
    FileLock unused = file.claim();
    ticket = file;
    number = last + 1;
  }

  void leave() {
    if (ticket != null) {
      delete(folder.resolve(format.formatted(number)));
      ticket.close();
      ticket = null;
    }
  }

  private List<Path> tickets() {
    List<Path> tickets = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (name.matcher(file.getFileName().toString()).matches() && tickets.size() < MAX_WAITING) {
          tickets.add(file);
        }
      }
    } catch (IOException e) {
      throw new LabFault("cannot list %s: %s".formatted(folder, e.getMessage()), e);
    }
    return tickets;
  }

  private int number(Path file) {
    Matcher matcher = name.matcher(file.getFileName().toString());
    return matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  private static boolean isLive(Path file) {
    Optional<LockFile> there = LockFile.existing(file);
    if (there.isEmpty()) {
      return false;
    }
    try (LockFile ticket = there.get()) {
      if (ticket.isClaimed()) {
        return true;
      }
    }
    delete(file);
    return false;
  }

  /** Another user's stays in a sticky folder, where it does no harm. */
  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      return;
    }
  }

  @Override
  public void close() {
    leave();
  }
}
