package org.lastref.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Arrays;
import org.lastref.fault.LabFault;

/**
 * A person at a board's console, until Ctrl-], the end of the input, or of the board.
 *
 * @param raw whether the screen is given what a terminal would act upon, not question marks
 */
record ConsoleSession(Tap tap, InputStream keys, PrintStream screen, boolean raw) {

  /** Ctrl-], as telnet has it. */
  private static final byte ESCAPE = 0x1d;

  void run() {
    Thread typing = new Thread(this::type, "console-keys");
    typing.setDaemon(true);
    typing.start();
    for (byte[] bytes = tap.read(); bytes != null; bytes = tap.read()) {
      byte[] shown = raw ? bytes : printable(bytes);
      screen.write(shown, 0, shown.length);
      screen.flush();
    }
  }

  private void type() {
    byte[] buffer = new byte[1024];
    try {
      for (int count = keys.read(buffer); count >= 0; count = keys.read(buffer)) {
        int escape = 0;
        while (escape < count && buffer[escape] != ESCAPE) {
          escape++;
        }
        tap.write(Arrays.copyOf(buffer, escape));
        if (escape < count) {
          break;
        }
      }
    } catch (IOException | LabFault e) {
      // The reader sees the same end, and says what there is to say.
      screen.flush();
    } finally {
      tap.close();
    }
  }

  private static byte[] printable(byte[] bytes) {
    byte[] shown = bytes.clone();
    for (int i = 0; i < shown.length; i++) {
      boolean moves = shown[i] == '\n' || shown[i] == '\r' || shown[i] == '\t' || shown[i] == '\b';
      if (!moves && (shown[i] < ' ' || shown[i] > '~')) {
        shown[i] = '?';
      }
    }
    return shown;
  }
}
