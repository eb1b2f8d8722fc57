package org.lastref.board;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.lastref.fault.InputFault;

/** A password that a board's file names without having it. */
final class Secret {

  private static final String ENVIRONMENT = "env:";
  private static final String FILE = "file:";
  private static final int LONGEST = 1024;

  private static final Set<PosixFilePermission> OF_OTHERS =
      EnumSet.complementOf(
          EnumSet.of(
              PosixFilePermission.OWNER_READ,
              PosixFilePermission.OWNER_WRITE,
              PosixFilePermission.OWNER_EXECUTE));

  private Secret() {}

  /**
   * Looks a password up.
   *
   * @param source {@code env:NAME}, or {@code file:PATH} of a file whose first line it is
   * @return to be wiped by the caller
   * @throws InputFault if it is not there, or others could read it
   */
  static char[] read(String source) {
    if (source.startsWith(ENVIRONMENT)) {
      String name = source.substring(ENVIRONMENT.length());
      String value = System.getenv(name);
      if (value == null || value.isEmpty()) {
        throw new InputFault(
            "login.password is in the variable %s, which is not set: set it for this command"
                .formatted(name));
      }
      return value.toCharArray();
    }
    Path file = Path.of(source.substring(FILE.length()));
    try {
      Set<PosixFilePermission> others = EnumSet.copyOf(OF_OTHERS);
      others.retainAll(Files.getPosixFilePermissions(file));
      if (!others.isEmpty()) {
        throw new InputFault(
            "login.password is in %s, which others may read or change: chmod 600 %s"
                .formatted(file, file));
      }
      return firstLine(file);
    } catch (IOException e) {
      throw new InputFault("login.password is in %s: %s".formatted(file, e), e);
    }
  }

  private static char[] firstLine(Path file) throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(LONGEST);
    }
    int end = 0;
    while (end < bytes.length && bytes[end] != '\n' && bytes[end] != '\r') {
      end++;
    }
    CharBuffer chars = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(bytes, 0, end));
    char[] secret = new char[chars.remaining()];
    chars.get(secret);
    Arrays.fill(bytes, (byte) 0);
    Arrays.fill(chars.array(), '\0');
    return secret;
  }
}
