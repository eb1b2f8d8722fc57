package org.lastref.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What programs of the host tell of themselves and of others: versions, a revision. */
public final class HostTools {

  /** The status of a large source tree on a slow disk takes a while. */
  private static final Duration LIMIT = Duration.ofMinutes(1);

  /** Of the output, in bytes. */
  private static final int MAX_LINE = 4096;

  private HostTools() {}

  /**
   * The first line of what a program prints; empty if it prints none, fails, does not end within a
   * minute or is not there. What it says on standard error is dropped.
   *
   * @param command the program and its arguments
   */
  public static String firstLine(List<String> command) {
    return firstLine(command, LIMIT);
  }

  /** The same of git in a folder. */
  public static String git(Path folder, String... words) {
    List<String> command = new ArrayList<>(List.of("git", "-C", folder.toString()));
    command.addAll(List.of(words));
    return firstLine(command);
  }

  static String firstLine(List<String> command, Duration limit) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      try {
        process.getOutputStream().close();
        CompletableFuture<String> line = new CompletableFuture<>();
        Thread reader = new Thread(() -> read(process, line), "first line of " + command.get(0));
        reader.setDaemon(true);
        reader.start();
        return line.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    } catch (IOException | ExecutionException | TimeoutException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  /** Reads all of it: what ends for want of a reader has failed. */
  private static void read(Process process, CompletableFuture<String> line) {
    try (InputStream out = process.getInputStream()) {
      String text = new String(out.readNBytes(MAX_LINE), StandardCharsets.UTF_8);
      out.transferTo(OutputStream.nullOutputStream());
      line.complete(process.waitFor() == 0 ? text.lines().findFirst().orElse("") : "");
    } catch (IOException | InterruptedException e) {
      line.completeExceptionally(e);
    }
  }
}
