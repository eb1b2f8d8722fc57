package org.lastref.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.lastref.fault.LabFault;

/** What a terminal has: a program that shows text page by page, one that opens a page. */
final class Pager {

  private Pager() {}

  /** Prints a text; on a terminal by {@code PAGER}, a program's name, or less, if it is there. */
  static void print(String text) {
    if (!Boolean.getBoolean("lastref.terminal.out") || !paged(text)) {
      System.out.print(text);
      System.out.flush();
    }
  }

  private static boolean paged(String text) {
    String own = System.getenv("PAGER");
    List<String> command =
        own == null || own.isBlank() ? List.of("less", "-FRX") : List.of(own.strip().split(" +"));
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.INHERIT)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try (OutputStream to = process.getOutputStream()) {
        to.write(text.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // Whoever has read enough closes it.
        return true;
      } finally {
        process.waitFor();
      }
      return true;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /**
   * Opens a page in the user's browser.
   *
   * @throws LabFault if there is none to be found
   */
  static void open(Path page) {
    try {
      Process process = new ProcessBuilder("xdg-open", page.toUri().toString()).inheritIO().start();
      if (process.waitFor() != 0) {
        throw new LabFault("xdg-open does not open %s: open it by hand".formatted(page));
      }
    } catch (IOException e) {
      throw new LabFault(
          "there is no xdg-open here (Debian package xdg-utils): open %s by hand".formatted(page),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
