package org.lastref.link;

import java.nio.charset.StandardCharsets;

/** Writes lines to a console: as fast as it takes them, until that has lost something. */
final class LineSender {

  private final Console console;
  private boolean paced;

  /** When the line has carried what was written, in {@link System#nanoTime}. */
  private long allSent = System.nanoTime();

  LineSender(Console console) {
    this.console = console;
  }

  void send(String lines) {
    byte[] bytes = lines.getBytes(StandardCharsets.US_ASCII);
    if (paced) {
      console.writePaced(bytes);
    } else {
      console.write(bytes);
      allSent = Math.max(allSent, System.nanoTime()) + bytes.length * console.nanosAByte();
    }
  }

  /** Something did not arrive: from now on not faster than a UART without interrupts takes it. */
  void slowDown() {
    paced = true;
  }

  long allSent() {
    return allSent;
  }
}
