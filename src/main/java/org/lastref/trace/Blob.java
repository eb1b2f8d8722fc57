package org.lastref.trace;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.lastref.fdt.Fdt;

/**
 * A devicetree blob as text.
 *
 * @param packed the blob, gzip, Base64
 */
public record Blob(@JsonValue String packed) {

  /**
   * @throws IllegalArgumentException if it is not Base64 of gzip, or unpacks to more than {@link
   *     Fdt#MAX_SIZE} bytes
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public Blob {
    unpack(packed);
  }

  /** Packs a blob of at most {@link Fdt#MAX_SIZE} bytes. */
  public static Blob of(byte[] blob) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(blob);
    } catch (IOException e) {
      throw new UncheckedIOException("in memory", e);
    }
    return new Blob(Base64.getEncoder().encodeToString(packed.toByteArray()));
  }

  /** The blob itself. */
  public byte[] bytes() {
    return unpack(packed);
  }

  private static byte[] unpack(String packed) {
    try (InputStream in =
        new GZIPInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(packed)))) {
      byte[] bytes = in.readNBytes(Fdt.MAX_SIZE + 1);
      if (bytes.length > Fdt.MAX_SIZE) {
        throw new IllegalArgumentException(
            "the blob is larger than %d bytes".formatted(Fdt.MAX_SIZE));
      }
      return bytes;
    } catch (IOException e) {
      throw new IllegalArgumentException("the blob cannot be unpacked: " + e.getMessage(), e);
    }
  }
}
