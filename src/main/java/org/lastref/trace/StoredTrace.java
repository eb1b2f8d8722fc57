package org.lastref.trace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.Fault;
import org.lastref.fault.InputFault;

/**
 * A trace in a file, which can be judged on any machine:
 *
 * <pre>
 * # lastref-trace 2
 * # {"overlays":[...],"base":"...","policy":{...},"steps":[...],"provenance":{...}}
 * an event a line, see EventText
 * </pre>
 *
 * <p>The file is gzip, or not. In version 1 the text of ftrace's events stands below the header.
 * Without the first two lines it is of version 0, which was that text and nothing else.
 *
 * @param header what the trace says of itself; null in version 0
 * @param trace what was seen
 */
public record StoredTrace(@Nullable TraceHeader header, Trace trace) {

  /** The latest version that is read. */
  public static final int VERSION = WatchedEvents.VERSION;

  /** The line of a file that the header stands in. */
  public static final int HEADER_LINE = 2;

  private static final String FIRST = "# lastref-trace ";

  /** Four million events have 200 bytes each. */
  private static final long MAX_BYTES = 1L << 30;

  /** Nine overlays of 1 MiB and a tree of 2 MiB are less, even if gzip makes nothing of them. */
  private static final int MAX_HEADER = 16 << 20;

  /**
   * Writes a trace.
   *
   * @param out left open
   * @param records as the board sent them
   */
  public static void write(OutputStream out, TraceHeader header, Records records)
      throws IOException {
    GZIPOutputStream packed = new GZIPOutputStream(out);
    String lines = "%s%d\n# %s\n".formatted(FIRST, records.version(), HeaderJson.write(header));
    packed.write(lines.getBytes(ISO_8859_1));
    records.write(packed);
    packed.finish();
  }

  /**
   * Reads a trace.
   *
   * @throws InputFault naming file and line if there is none, it is damaged, cut short, larger than
   *     1 GiB, lost events, or is of a later version
   */
  public static StoredTrace read(Path file) {
    return read(file, TraceReader.MAX_EVENTS);
  }

  static StoredTrace read(Path file, int mostEvents) {
    try (InputStream in = open(file)) {
      Lines lines = lines(in, file);
      if (!lines.next(Lines.MAX_LINE)) {
        throw lines.fault("cut short: it has no end line");
      }
      int version = version(lines);
      TraceHeader header = version == 0 ? null : header(lines);
      String name = file.toString();
      if (version == WatchedEvents.VERSION) {
        return new StoredTrace(header, EventText.read(lines, mostEvents, name));
      }
      TraceReader reader = new TraceReader(lines, mostEvents);
      if (version == 0) {
        reader.line();
      }
      return new StoredTrace(header, reader.rest(name));
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * Reads only what a trace says of itself.
   *
   * @return null in version 0
   * @throws InputFault as {@link #read}
   */
  public static @Nullable TraceHeader header(Path file) {
    try (InputStream in = open(file)) {
      Lines lines = lines(in, file);
      return lines.next(Lines.MAX_LINE) && version(lines) > 0 ? header(lines) : null;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** That of the first line, 0 if it names none. */
  private static int version(Lines lines) {
    String first = lines.text();
    if (!first.startsWith(FIRST)) {
      return 0;
    }
    String version = first.substring(FIRST.length());
    if (!version.matches("[1-9][0-9]{0,8}")) {
      throw lines.fault("this line names no version: " + TraceReader.abbreviate(first));
    }
    if (Integer.parseInt(version) > VERSION) {
      throw lines.fault(
          "a trace of version %s, and this Lastref reads up to version %d: use the one that wrote it"
              .formatted(version, VERSION));
    }
    return Integer.parseInt(version);
  }

  private static TraceHeader header(Lines lines) {
    if (!lines.next(MAX_HEADER)) {
      throw lines.fault("cut short: it has no header");
    }
    String text = lines.text();
    if (!text.startsWith("# {")) {
      throw lines.fault("this line is no header: " + TraceReader.abbreviate(text));
    }
    try {
      return HeaderJson.read(text.substring(2));
    } catch (IllegalArgumentException e) {
      throw lines.fault(String.valueOf(e.getMessage()));
    }
  }

  private static Lines lines(InputStream in, Path file) {
    return new Lines(in, MAX_BYTES, file.toString(), InputFault::new);
  }

  private static InputStream open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new InputFault("%s: there is no such trace".formatted(file));
    }
    InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      in.mark(2);
      boolean packed = in.read() == 0x1f && in.read() == 0x8b;
      in.reset();
      return packed ? new GZIPInputStream(in, 1 << 16) : in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static Fault unreadable(Path file, IOException e) {
    return new InputFault("%s:1: cannot be read: %s".formatted(file, e.getMessage()), e);
  }
}
