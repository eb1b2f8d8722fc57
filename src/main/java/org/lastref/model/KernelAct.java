package org.lastref.model;

import java.util.List;
import org.lastref.machine.Act;

/**
 * What a step does to a reference, or another thing that a trace shows, and how it shows: a new
 * step of a model is one of these and a line of the model's code.
 */
public final class KernelAct implements Act {

  private final String words;
  private final String call;
  private final List<Shown> shown;

  private KernelAct(String words, String call, List<Shown> shown) {
    this.words = words;
    this.call = call;
    this.shown = shown;
  }

  /**
   * An act.
   *
   * @param words as {@link #words}
   * @param call as {@link #call}
   * @param shown the events that show it; none if that takes more to tell, see {@link Pass}
   */
  static KernelAct act(String words, String call, Shown... shown) {
    return new KernelAct(words, call, List.of(shown));
  }

  @Override
  public String words() {
    return words;
  }

  @Override
  public String call() {
    return call;
  }

  /** The events that show it. */
  List<Shown> shown() {
    return shown;
  }

  /**
   * Whether it is a line of the log about what was so before the line was written: the kernel may
   * be interrupted in between.
   */
  public boolean isToldLate() {
    return shown.stream().anyMatch(Shown::late);
  }

  @Override
  public String toString() {
    return words;
  }
}
