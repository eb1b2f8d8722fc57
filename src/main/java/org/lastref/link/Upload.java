package org.lastref.link;

import static org.lastref.link.Framing.quoted;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.lastref.fault.LabFault;

/**
 * Brings a file to a board through its shell: as base64, compressed where that is shorter, into
 * files beside the wanted one, which takes its name only once its SHA-256 is right.
 */
final class Upload {

  /** How much goes in one command, in characters: far less than a terminal's buffers hold. */
  private static final int BLOCK = 12_000;

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Shell shell;
  private final String board;

  Upload(Shell shell, String board) {
    this.shell = shell;
    this.board = board;
  }

  void send(byte[] content, String path) {
    byte[] packed = gzip(content);
    boolean shorter = packed.length < content.length;
    String text = Base64.getEncoder().encodeToString(shorter ? packed : content);
    String encoded = quoted(path + ".lastref-base64");
    String decoded = quoted(path + ".lastref-new");
    try {
      step(path, ": >" + encoded);
      for (int at = 0; at < text.length(); at += BLOCK) {
        String block = text.substring(at, Math.min(at + BLOCK, text.length()));
        step(path, "printf %s " + block + " >>" + encoded);
      }
      String unpack = shorter ? " | gzip -dc" : "";
      step(path, "base64 -d <" + encoded + unpack + " >" + decoded);
      String sum = step(path, "sha256sum <" + decoded);
      if (!sum.startsWith(Sha256.of(content) + " ")) {
        throw fault(path, "the board's copy differs from the " + content.length + " bytes sent");
      }
      step(path, "mv -f " + decoded + " " + quoted(path) + " && rm -f " + encoded);
    } catch (LabFault e) {
      try {
        shell.run(List.of("eval", "rm -f " + encoded + " " + decoded), LIMIT);
      } catch (LabFault e2) {
        e.addSuppressed(e2);
      }
      throw e;
    }
  }

  private String step(String path, String script) {
    Shell.Reply reply = shell.run(List.of("eval", "{ " + script + "; } 2>&1"), LIMIT);
    if (reply.exitCode() != 0) {
      throw fault(path, reply.output().strip());
    }
    return reply.output();
  }

  private LabFault fault(String path, String why) {
    return new LabFault(
        board
            + ": cannot put "
            + path
            + " on the board: "
            + why
            + ". Check that its folder exists and has room.");
  }

  private static byte[] gzip(byte[] content) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return packed.toByteArray();
  }
}
