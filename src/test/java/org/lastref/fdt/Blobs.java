package org.lastref.fdt;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Builds blobs that dtc never would. */
final class Blobs {
  static final int BEGIN = 1;
  static final int END_NODE = 2;
  static final int PROP = 3;
  static final int NOP = 4;
  static final int END = 9;

  private final ByteArrayOutputStream struct = new ByteArrayOutputStream();
  private String strings = "first\0second\0";

  Blobs cells(int... cells) {
    for (int cell : cells) {
      struct.writeBytes(ByteBuffer.allocate(4).putInt(cell).array());
    }
    return this;
  }

  Blobs begin(String name) {
    cells(BEGIN);
    byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
    struct.writeBytes(Arrays.copyOf(bytes, (bytes.length + 4) & ~3));
    return this;
  }

  Blobs property(int nameOffset) {
    return cells(PROP, 0, nameOffset);
  }

  Blobs strings(String strings) {
    this.strings = strings;
    return this;
  }

  /** Header, an empty list of reservations, structure, strings. */
  byte[] blob() {
    byte[] text = strings.getBytes(StandardCharsets.ISO_8859_1);
    int structAt = 56;
    int stringsAt = structAt + struct.size();
    ByteBuffer blob = ByteBuffer.allocate(stringsAt + text.length);
    blob.putInt(0xd00dfeed).putInt(blob.capacity()).putInt(structAt).putInt(stringsAt).putInt(40);
    blob.putInt(17).putInt(16).putInt(0).putInt(text.length).putInt(struct.size());
    blob.position(structAt).put(struct.toByteArray()).put(text);
    return blob.array();
  }

  /** The same tree with the shorter header; what was the size of the structure means nothing. */
  static byte[] version16(byte[] v17) {
    byte[] blob = v17.clone();
    ByteBuffer header = ByteBuffer.wrap(blob);
    header.putInt(20, 16);
    header.putInt(36, 0xffffffff);
    return blob;
  }

  static byte[] with(byte[] blob, int field, int value) {
    byte[] changed = blob.clone();
    ByteBuffer.wrap(changed).putInt(field, value);
    return changed;
  }
}
