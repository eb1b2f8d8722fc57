package org.lastref.link;

import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** What a board is to its serial port: a pseudo-terminal, held by socat, with something behind. */
final class PtyBoard implements AutoCloseable {

  private final Process socat;
  private final Path device;

  private PtyBoard(Process socat, Path device) {
    this.socat = socat;
    this.device = device;
  }

  /** A board with a shell on a terminal of its own; tools come from a folder first, if given. */
  static PtyBoard withShell(String command, String toolsFirst) {
    return start("EXEC:" + command + ",pty,setsid,ctty,stderr,sane", toolsFirst);
  }

  static PtyBoard withShell() {
    return withShell("/bin/sh", "");
  }

  /** A board whose end of the line the test holds, see {@link #in} and {@link #out}. */
  static PtyBoard bare() {
    return start("STDIO", "");
  }

  private static PtyBoard start(String behind, String toolsFirst) {
    try {
      Path device = Files.createTempDirectory("lastref-pty").resolve("tty");
      ProcessBuilder builder =
          new ProcessBuilder("socat", "PTY,raw,echo=0,link=" + device, behind)
              .redirectError(ProcessBuilder.Redirect.INHERIT);
      if (!toolsFirst.isEmpty()) {
        builder.environment().merge("PATH", toolsFirst, (path, tools) -> tools + ":" + path);
      }
      Process socat = builder.start();
      Awaitility.await("socat's pseudo-terminal")
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(5))
          .atMost(Duration.ofSeconds(10))
          .until(() -> Files.exists(device));
      return new PtyBoard(socat, device);
    } catch (IOException e) {
      throw new UncheckedIOException("These tests need socat: apt-get install socat", e);
    }
  }

  String device() {
    return device.toString();
  }

  /** What goes to the harness. */
  OutputStream in() {
    return socat.getOutputStream();
  }

  /** What came from the harness. */
  InputStream out() {
    return socat.getInputStream();
  }

  void vanish() {
    socat.destroyForcibly();
  }

  @Override
  public void close() {
    List<ProcessHandle> all = new ArrayList<>(socat.descendants().toList());
    all.add(socat.toHandle());
    all.forEach(ProcessHandle::destroyForcibly);
    try {
      Files.deleteIfExists(device);
      Files.delete(device.getParent());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where a program is, if it is installed. */
  static Optional<Path> program(String name) {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** So many bytes of a line that has them. */
  static byte[] read(Line line, int count) {
    byte[] all = new byte[count];
    int done = 0;
    while (done < count) {
      byte[] buffer = new byte[count - done];
      int n = line.read(buffer);
      assertTrue(n >= 0, "the line ended after " + done + " bytes");
      System.arraycopy(buffer, 0, all, done, n);
      done += n;
    }
    return all;
  }
}
