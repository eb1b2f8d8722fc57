package org.lastref.target;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What a probe records beside that it was hit: a register, or what it points to. As {@code struct
 * lrw_argument} of {@code harness/modules/lastref-watch.h} has it.
 *
 * @param name what events call it
 * @param register 0 to 7, {@link #CALLER} or {@link #RETURNED}
 * @param value how it is read
 * @param offsets of one pointer after the other, in bytes; none for the register itself
 */
public record Argument(String name, int register, Value value, List<Integer> offsets) {
  /** How it is read: {@code enum lrw_value}. */
  public enum Value {
    U32(0),
    S32(1),
    X64(2),
    STRING(3),
    /** The name of the function that an address is in. */
    SYMBOL(4);

    private final byte code;

    Value(int code) {
      this.code = (byte) code;
    }
  }

  /** x30 at a function's entry. */
  static final int CALLER = 30;

  /** What a function returns. */
  static final int RETURNED = 31;

  private static final int DEPTH = 4;

  public Argument {
    offsets = List.copyOf(offsets);
    if (offsets.size() > DEPTH) {
      throw new IllegalArgumentException("a probe follows at most %d pointers".formatted(DEPTH));
    }
  }

  /**
   * The name of a device or a driver in a register, to which the first member of both points,
   * include/linux/kobject.h and device/driver.h; or the first of an array of strings.
   */
  public static Argument name(String name, int register) {
    return new Argument(name, register, Value.STRING, List.of(0, 0));
  }

  /** A register as a number. */
  public static Argument address(String name, int register) {
    return new Argument(name, register, Value.X64, List.of());
  }

  /** Who called the function. */
  public static Argument caller() {
    return new Argument("caller", CALLER, Value.SYMBOL, List.of());
  }

  /** What the function returned. */
  static Argument returned() {
    return new Argument("ret", RETURNED, Value.S32, List.of());
  }

  void put(ByteBuffer out) {
    out.put((byte) register).put(value.code).put((byte) offsets.size()).put((byte) 0);
    for (int i = 0; i < DEPTH; i++) {
      out.putInt(i < offsets.size() ? offsets.get(i) : 0);
    }
  }
}
