package org.lastref.trace;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The text of ftrace's {@code trace} file, with what the board's agent wrote below it.
 *
 * @param text a line an event; names in it may be any bytes, one a character
 */
public record FtraceText(String text) implements Records {

  static final int VERSION = 1;

  @Override
  public int version() {
    return VERSION;
  }

  @Override
  public void write(OutputStream out) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Override
  public Trace read(String name) {
    return TraceReader.read(text, name);
  }
}
