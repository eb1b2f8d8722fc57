package org.lastref.verify;

import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.lastref.machine.Label;

/**
 * What was seen of one removal, or of another exercise, in the model's terms.
 *
 * @param what the overlay that was removed, or the exercise
 * @param shown the paths of the nodes that the kernel reported meanwhile, and the promises broken
 * @param steps every step that showed
 * @param unbinding how long unbinding its devices by hand took, in microseconds; 0 if none was
 */
public record Seen(String what, SortedSet<String> shown, Set<Label> steps, long unbinding) {

  public Seen {
    shown = new TreeSet<>(shown);
    steps = Set.copyOf(steps);
  }
}
