package org.lastref.link;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.lastref.fault.LabFault;

/**
 * Every byte of a console with its time. A line of the console is a line of the log: the UTC time
 * of its first byte in microseconds, a blank, and its bytes as {@link Printable} has them. Bytes
 * are handed to the system as they come, so a process that dies loses none. A newline separates the
 * connections that wrote to one log.
 */
final class ConsoleLog implements AutoCloseable {

  /** Far more than a console says in a night; a board that floods must not fill the disk. */
  private static final long LIMIT = 1L << 30;

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final OutputStream out;
  private boolean inLine;
  private long size;

  private ConsoleLog(OutputStream out, boolean inLine) {
    this.out = out;
    this.inLine = inLine;
  }

  /** Opens a log, appending to what an earlier connection to the board left there. */
  static ConsoleLog open(Path file) {
    try {
      OutputStream out =
          Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      ConsoleLog log = new ConsoleLog(out, false);
      if (Files.isRegularFile(file) && Files.size(file) > 0) {
        log.size = Files.size(file);
        out.write('\n');
      }
      return log;
    } catch (IOException e) {
      throw new LabFault("Cannot write the console log " + file + ": " + e.getMessage(), e);
    }
  }

  void write(byte[] bytes, int count, Instant when) throws IOException {
    StringBuilder text = new StringBuilder(count + 32);
    for (int i = 0; i < count; i++) {
      if (!inLine) {
        text.append(TIME.format(when)).append(' ');
        inLine = true;
      }
      if (bytes[i] == '\n') {
        text.append('\n');
        inLine = false;
      } else {
        Printable.append(text, bytes[i]);
      }
    }
    size += text.length();
    if (size > LIMIT) {
      throw new IOException("it reached " + LIMIT + " bytes; the board floods its console");
    }
    out.write(text.toString().getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
