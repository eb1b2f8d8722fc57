package org.lastref.machine;

import java.util.List;

/** Where in a few longs each variable has its bits; one of a highest value of 5 has three. */
final class Packing {

  private final List<Variable> variables;
  private final int words;
  private final int[] bit;
  private final long[] mask;

  Packing(List<Variable> variables) {
    this.variables = variables;
    bit = new int[variables.size()];
    mask = new long[variables.size()];
    int used = 0;
    for (Variable variable : variables) {
      int width = 32 - Integer.numberOfLeadingZeros(variable.max());
      int left = Long.SIZE - used % Long.SIZE;
      if (width > left) {
        used += left;
      }
      bit[variable.index()] = width == 0 ? 0 : used;
      mask[variable.index()] = (1L << width) - 1;
      used += width;
    }
    words = Math.max(1, (used + Long.SIZE - 1) / Long.SIZE);
  }

  /** How many longs a state takes. */
  int words() {
    return words;
  }

  /** A variable's first bit, counted from that of the first word. */
  int bit(Variable variable) {
    return bit[variable.index()];
  }

  /** As many ones as it has bits. */
  long mask(Variable variable) {
    return mask[variable.index()];
  }

  long[] initial() {
    long[] state = new long[words];
    for (Variable variable : variables) {
      state[bit(variable) / Long.SIZE] |= (long) variable.initial() << bit(variable);
    }
    return state;
  }

  int value(long[] states, int at, Variable variable) {
    int i = variable.index();
    return (int) ((states[at + (bit[i] >>> 6)] >>> bit[i]) & mask[i]);
  }
}
