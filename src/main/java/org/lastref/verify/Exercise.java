package org.lastref.verify;

import java.util.List;
import org.lastref.model.Machine;
import org.lastref.verify.Scenario.ExpectedStep;

/**
 * Something that is done on a board and that has a model of its own.
 *
 * @param suite the suite it belongs to
 * @param scenario what is done, in a word or two with dashes
 * @param variant the kernel's way of doing it, in a word or two with dashes
 * @param steps what is done, in order
 * @param machine what may come of it under that variant
 * @param reading how a trace of it is read
 */
public record Exercise(
    String suite,
    String scenario,
    String variant,
    List<ExpectedStep> steps,
    Machine machine,
    Reading reading) {

  public Exercise {
    steps = List.copyOf(steps);
  }

  /** Unique among all exercises: {@code devres/spi-remove/group}. */
  public String id() {
    return suite + "/" + scenario + "/" + variant;
  }
}
