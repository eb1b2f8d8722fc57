package org.lastref.fdt;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** A property of a devicetree node: a name and bytes, which only its reader can give a type. */
public final class Property {
  private final String name;
  private final byte[] value;

  private Property(String name, byte[] value) {
    this.name = name;
    this.value = value;
  }

  /** Copies {@code value}. */
  public static Property of(String name, byte[] value) {
    return new Property(name, value.clone());
  }

  public String name() {
    return name;
  }

  /** A copy of the bytes. */
  public byte[] value() {
    return value.clone();
  }

  /** The number of bytes. */
  public int length() {
    return value.length;
  }

  /** Whether there is no value: the property says something by being there. */
  public boolean isEmpty() {
    return value.length == 0;
  }

  /**
   * The bytes up to the first NUL, read as UTF-8. Empty where there is no NUL, as for the kernel's
   * {@code of_property_read_string()}.
   */
  public Optional<String> asText() {
    for (int i = 0; i < value.length; i++) {
      if (value[i] == 0) {
        return Optional.of(text(0, i));
      }
    }
    return Optional.empty();
  }

  /**
   * The NUL-terminated strings, read as UTF-8, that the value consists of. No strings where the
   * last one is not terminated.
   */
  public List<String> asStrings() {
    if (value.length == 0 || value[value.length - 1] != 0) {
      return List.of();
    }
    List<String> strings = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < value.length; i++) {
      if (value[i] == 0) {
        strings.add(text(start, i));
        start = i + 1;
      }
    }
    return List.copyOf(strings);
  }

  /**
   * The big-endian cells, each from 0 to 2<sup>32</sup> − 1, that the value consists of. No cells
   * where the length is not a multiple of four bytes.
   */
  public List<Long> asCells() {
    if (value.length % Integer.BYTES != 0) {
      return List.of();
    }
    List<Long> cells = new ArrayList<>(value.length / Integer.BYTES);
    for (int at = 0; at < value.length; at += Integer.BYTES) {
      cells.add(cell(value, at));
    }
    return List.copyOf(cells);
  }

  /** The first cell, whatever follows it; empty where there are fewer than four bytes. */
  Optional<Long> firstCell() {
    return value.length < Integer.BYTES ? Optional.empty() : Optional.of(cell(value, 0));
  }

  static long cell(byte[] bytes, int at) {
    return Integer.toUnsignedLong(ByteBuffer.wrap(bytes).getInt(at));
  }

  private String text(int from, int to) {
    return new String(value, from, to - from, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Property that
        && name.equals(that.name)
        && Arrays.equals(value, that.value);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + Arrays.hashCode(value);
  }

  @Override
  public String toString() {
    return name + " = [" + HexFormat.of().formatHex(value) + "]";
  }
}
