package org.lastref.verify;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.lastref.Recorded;
import org.lastref.trace.Instruction;
import org.lastref.trace.Scenario;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;

/**
 * A recorded cycle over and over, as one trace.
 *
 * @param cycle as a board sent it
 * @param cycles how often
 * @param exercise all of them
 */
record LongTrace(String cycle, int cycles, Exercise exercise) {

  /** At least so many events. */
  static LongTrace of(Recorded recorded, int events) {
    List<String> lines =
        recorded.text().lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
    int cycles = Math.max(1, (events + lines.size() - 1) / lines.size());
    List<Instruction> steps = new ArrayList<>();
    OverlayRemoval once = recorded.removal();
    for (int i = 0; i < cycles; i++) {
      steps.addAll(once.scenario().instructions());
    }
    return new LongTrace(
        String.join("\n", lines) + "\n",
        cycles,
        new OverlayRemoval(once.policy(), once.applied(), new Scenario(steps)).exercise());
  }

  /** Writes it into a file of its own, packed. */
  Path stored() {
    try {
      Path file = Files.createTempFile("lastref-long", ".trace.gz");
      file.toFile().deleteOnExit();
      byte[] one = cycle.getBytes(ISO_8859_1);
      try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
        for (int i = 0; i < cycles; i++) {
          out.write(one);
        }
        out.write("# end\n".getBytes(ISO_8859_1));
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads it back. */
  static Trace read(Path stored) {
    return StoredTrace.read(stored).trace();
  }
}
