package org.lastref.report;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.lastref.model.Policy;
import org.lastref.verify.Finding;

/**
 * Which of the known policies a kernel behaves like of which none is known.
 *
 * @param left those that explain every cycle
 * @param nearest to the first cycle that none is left for; null if there is no such cycle
 */
public record Likeness(List<Policy> left, @Nullable Nearest nearest) {

  /**
   * The policy that explains most of a cycle.
   *
   * @param but where it ceases to; null if it does not
   * @param because why, in one sentence; null if that is not known
   */
  public record Nearest(Policy policy, @Nullable Finding but, @Nullable String because) {

    String sentence() {
      return "nearest is %s, but %s".formatted(policy, but == null ? "" : but.sentence());
    }
  }

  public Likeness {
    left = List.copyOf(left);
  }

  /** In words: {@code like release=system-wq fix=none}. */
  String describe() {
    return left.isEmpty() ? "like no known policy" : "like " + each("release=%s fix=%s", ", or ");
  }

  /** For a property: {@code system-wq+none dedicated-wq+none}. */
  String words() {
    return each("%s+%s", " ");
  }

  private String each(String form, String between) {
    return left.stream()
        .map(policy -> String.format(form, policy.release(), policy.fix()))
        .collect(Collectors.joining(between));
  }
}
