package org.lastref.machine;

import java.util.List;
import java.util.Set;

/**
 * Somebody who acts: a thread, a work item, a timer. Where it stands is a number; its steps say
 * from where to where they go.
 *
 * @param name as a person reads it
 * @param position the variable that says where it stands
 * @param steps all that it can ever do
 * @param rests where it may stand when all is over: at its end, or at its beginning if it need not
 *     begin at all
 */
public record Agent(String name, Variable position, List<Step> steps, Set<Integer> rests) {

  public Agent {
    steps = List.copyOf(steps);
    rests = Set.copyOf(rests);
  }
}
