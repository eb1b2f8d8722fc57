package org.lastref.verify;

import java.util.List;
import org.lastref.model.Modelled;
import org.lastref.trace.Scenario;

/**
 * Something that is done on a board, and all that a trace of it is held against.
 *
 * @param under the kernel's way of doing it, in words: a policy, or a variant
 * @param scenario what is done
 * @param model which parts of a trace are steps of which machine
 * @param checks what is asked of a trace, in that order
 */
public record Exercise(String under, Scenario scenario, Model model, List<Check> checks) {

  public Exercise {
    checks = List.copyOf(checks);
  }

  /**
   * One that has a machine for all of it.
   *
   * @param id what is seen of it under that name
   * @param title what it is called where what may come of it is told
   */
  public static Exercise of(String id, String title, String under, Modelled modelled) {
    return new Exercise(
        under,
        modelled.scenario(),
        new WholeModel(id, title, modelled.machine(), modelled.reading()),
        List.of(Check.STEP_RESULTS, Check.CONFORMANCE, KernelLog.ALL));
  }

  /** The same model, of something that was done in other steps: an older Lastref's. */
  public Exercise with(Scenario other) {
    return new Exercise(under, other, model, checks);
  }
}
