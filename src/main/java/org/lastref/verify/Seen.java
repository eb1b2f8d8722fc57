package org.lastref.verify;

import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.lastref.model.Label;

/**
 * What was seen of one removal, in the model's terms.
 *
 * @param overlay which was removed
 * @param reported the paths of the nodes that the kernel reported meanwhile
 * @param steps every step that showed
 */
public record Seen(String overlay, SortedSet<String> reported, Set<Label> steps) {

  public Seen {
    reported = new TreeSet<>(reported);
    steps = Set.copyOf(steps);
  }
}
