package org.lastref.board;

import java.nio.channels.FileLock;
import java.nio.file.Path;

/**
 * The right to use a board that runs share, from before it is switched on until after it is
 * switched off. It ends with {@link #close}, or with the process, however that dies.
 */
public final class Lease implements AutoCloseable {

  private final LockFile file;
  private final FileLock claim;
  private Holder holder;
  private boolean closed;

  Lease(LockFile file, FileLock claim, Holder holder) {
    this.file = file;
    this.claim = claim;
    this.holder = holder;
  }

  /** Who holds it: this process. */
  public synchronized Holder holder() {
    return holder;
  }

  /** Tells others where the board's console can be had. */
  public synchronized void consoleAt(Path socket) {
    holder = holder.consoleAt(socket);
    file.behindDoor(
        () -> {
          file.write(holder.toJson());
          return file;
        });
  }

  /** Gives it back. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      LockFile.release(claim);
    } finally {
      file.close();
    }
  }
}
