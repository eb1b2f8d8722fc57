package org.lastref.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Searches every interleaving of a machine, breadth first. Every state is kept whole, so that the
 * answer is exact; with each goes the state from which it was reached first, so that a shortest way
 * to it can be told.
 */
public final class Explorer {

  /** Is told of a long search as it goes. */
  public interface Progress {
    /**
     * A further million of states is known.
     *
     * @param states how many are known
     * @param open how many of them are yet to be looked at
     */
    void found(long states, long open);
  }

  private static final int CHUNK_BITS = 14;
  private static final int CHUNK = 1 << CHUNK_BITS;
  private static final int BATCH = 16;
  private static final long TAG = 0xffffffff00000000L;
  private static final int NOTHING = -1;

  private final Engine engine;
  private final int words;
  private final long maxBytes;
  private long[][] chunks = new long[1][];
  private int[][] parents = new int[1][];

  /** Hashed by state: the upper half of its hash, and its number plus 1. */
  private long[] table = new long[1 << 12];

  private int known;

  private Explorer(Engine engine, long maxBytes) {
    this.engine = engine;
    this.maxBytes = maxBytes;
    words = engine.words();
  }

  /**
   * Searches a machine.
   *
   * @param maxBytes how much memory the states may take; a search that needs more is given up, and
   *     the answer says so
   */
  public static Exploration search(Machine machine, long maxBytes, Progress progress) {
    return new Explorer(new Engine(machine), maxBytes).search(progress);
  }

  /**
   * States are looked at some at a time: first all of their successors are made, then looked up
   * without a branch that waits for memory, so that the processor waits for many at once.
   */
  private Exploration search(Progress progress) {
    long started = System.nanoTime();
    SortedMap<Outcome, Integer> ends = new TreeMap<>();
    long transitions = 0;
    int depth = 0;
    int levelEnd = 0;
    boolean complete = true;
    Batch batch = new Batch();
    add(engine.initial(), 0, hash(engine.initial(), 0), NOTHING);
    int done = 0;
    while (done < known) {
      if (done > levelEnd) {
        depth++;
        levelEnd = known - 1;
      }
      if (bytes(known + batch.parents.length) > maxBytes) {
        complete = false;
        break;
      }
      int until = Math.min(done + BATCH, Math.min(levelEnd, done | (CHUNK - 1)) + 1);
      batch.size = 0;
      for (; done < until; done++) {
        long[] chunk = chunks[done >>> CHUNK_BITS];
        int at = (done & (CHUNK - 1)) * words;
        int found = engine.expand(chunk, at, batch.states, batch.numbers, batch.size);
        for (int i = 0; i < found; i++) {
          batch.parents[batch.size++] = done;
        }
        if (found == 0) {
          ends.putIfAbsent(engine.outcome(Arrays.copyOfRange(chunk, at, at + words)), done);
        }
      }
      transitions += batch.size;
      add(batch, progress, done);
    }
    return new Exploration(
        this, ends, known, transitions, depth, complete, System.nanoTime() - started);
  }

  /** The successors of some states. */
  private final class Batch {
    final int[] parents = new int[BATCH * engine.maxSteps()];
    final int[] numbers = new int[parents.length];
    final long[] states = new long[parents.length * words];
    final long[] hashes = new long[parents.length];
    final long[] entries = new long[parents.length];
    int size;
  }

  private void add(Batch batch, Progress progress, int done) {
    for (int i = 0; i < batch.size; i++) {
      long hash = hash(batch.states, i * words);
      batch.hashes[i] = hash;
      batch.entries[i] = table[(int) hash & (table.length - 1)];
    }
    for (int i = 0; i < batch.size; i++) {
      long entry = batch.entries[i];
      boolean tagged = entry != 0 && ((entry ^ batch.hashes[i]) & TAG) == 0;
      if (tagged && same((int) entry - 1, batch.states, i * words)) {
        batch.parents[i] = NOTHING;
      }
    }
    for (int i = 0; i < batch.size; i++) {
      if (batch.parents[i] != NOTHING
          && add(batch.states, i * words, batch.hashes[i], batch.parents[i])
          && (known & 0xfffff) == 0) {
        progress.found(known, known - done);
      }
    }
  }

  /** What so many states take, which is also the most that it takes to grow to so many. */
  private long bytes(int states) {
    long slots = table.length;
    while (states > slots / 8 * 5) {
      slots *= 2;
    }
    return ((long) states / CHUNK + 1) * CHUNK * (8L * words + 4) + 8 * slots;
  }

  /** Whether the state was not known before. */
  private boolean add(long[] states, int at, long hash, int parent) {
    int slot = (int) hash & (table.length - 1);
    while (table[slot] != 0) {
      long entry = table[slot];
      if (((entry ^ hash) & TAG) == 0 && same((int) entry - 1, states, at)) {
        return false;
      }
      slot = (slot + 1) & (table.length - 1);
    }
    table[slot] = (hash & TAG) | (known + 1);
    int chunk = known >>> CHUNK_BITS;
    if ((known & (CHUNK - 1)) == 0) {
      if (chunk == chunks.length) {
        chunks = Arrays.copyOf(chunks, 2 * chunk);
        parents = Arrays.copyOf(parents, 2 * chunk);
      }
      chunks[chunk] = new long[CHUNK * words];
      parents[chunk] = new int[CHUNK];
    }
    System.arraycopy(states, at, chunks[chunk], (known & (CHUNK - 1)) * words, words);
    parents[chunk][known & (CHUNK - 1)] = parent;
    known++;
    if (known > table.length / 8 * 5) {
      grow();
    }
    return true;
  }

  private boolean same(int state, long[] states, int at) {
    long[] chunk = chunks[state >>> CHUNK_BITS];
    int other = (state & (CHUNK - 1)) * words;
    for (int w = 0; w < words; w++) {
      if (chunk[other + w] != states[at + w]) {
        return false;
      }
    }
    return true;
  }

  private void grow() {
    int slots = table.length * 2;
    table = new long[0]; // not both at once
    table = new long[slots];
    for (int state = 0; state < known; state++) {
      long hash = hash(chunks[state >>> CHUNK_BITS], (state & (CHUNK - 1)) * words);
      int slot = (int) hash & (slots - 1);
      while (table[slot] != 0) {
        slot = (slot + 1) & (slots - 1);
      }
      table[slot] = (hash & TAG) | (state + 1);
    }
  }

  /** A multiplication a word, its halves folded, and once more. */
  private long hash(long[] states, int at) {
    long hash = folded(states[at]);
    for (int w = 1; w < words; w++) {
      hash = folded(hash ^ states[at + w]);
    }
    hash *= 0x94d049bb133111ebL;
    return hash ^ (hash >>> 32);
  }

  private static long folded(long word) {
    long product = word * 0xbf58476d1ce4e5b9L;
    return product ^ (product >>> 32);
  }

  Engine engine() {
    return engine;
  }

  long bytes() {
    return bytes(known);
  }

  int known() {
    return known;
  }

  long[] state(int number) {
    int at = (number & (CHUNK - 1)) * words;
    return Arrays.copyOfRange(chunks[number >>> CHUNK_BITS], at, at + words);
  }

  /** What a variable is in a state. */
  int value(int state, Variable variable) {
    return engine.value(chunks[state >>> CHUNK_BITS], (state & (CHUNK - 1)) * words, variable);
  }

  /** The steps from the beginning to a state, as few as possible. */
  List<Engine.Taken> way(int to) {
    List<Engine.Taken> way = new ArrayList<>();
    long[] next = new long[engine.maxSteps() * words];
    int[] numbers = new int[engine.maxSteps()];
    int state = to;
    while (state != 0) {
      int parent = parents[state >>> CHUNK_BITS][state & (CHUNK - 1)];
      int found = engine.expand(state(parent), 0, next, numbers);
      for (int i = 0; i < found; i++) {
        if (same(state, next, i * words)) {
          way.add(engine.step(numbers[i]));
          break;
        }
      }
      state = parent;
    }
    Collections.reverse(way);
    return way;
  }
}
