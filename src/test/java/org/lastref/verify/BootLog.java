package org.lastref.verify;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/**
 * What the kernel's unittest said on a booted board, in {@code unittest/} of the test resources:
 * from its start until the board was ready.
 */
public enum BootLog {
  /** The unittest as it is in Linux 6.1.192, without our patches and without error names. */
  UPSTREAM("upstream"),
  WAITED("dedicated-wq-wait-removal"),
  LEAKING("dedicated-wq-none"),
  BARRIER("call-srcu-srcu-barrier"),
  /** With {@code fw_devlink=off}. */
  UNLINKED("no-links"),
  /** With {@code CONFIG_DEBUG_KOBJECT_RELEASE}. */
  LATE("debug-release"),
  /** Of Linux 6.12.117, KUnit's tests alone. */
  KUNIT("kunit");

  private final String file;

  BootLog(String file) {
    this.file = file;
  }

  public List<String> lines() {
    try (InputStream in =
        new GZIPInputStream(
            Objects.requireNonNull(
                BootLog.class.getResourceAsStream("/unittest/" + file + ".log.gz")))) {
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }

  public UnittestLog read() {
    return UnittestLog.read(lines());
  }
}
