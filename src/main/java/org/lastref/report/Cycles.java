package org.lastref.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.lastref.verify.Seen;
import org.lastref.verify.Verdict;

/**
 * What the cycles of a case showed, all together.
 *
 * @param count how many came to a verdict
 * @param events how many events were judged
 * @param leaked the paths of the nodes that the kernel reported as leaked
 * @param broken which other promises it broke as modelled, a sentence each
 * @param unbinding how long unbinding by hand took before a removal, in microseconds, in the middle
 *     of all; null if none was
 */
public record Cycles(
    int count,
    int events,
    SortedSet<String> leaked,
    SortedSet<String> broken,
    @JsonProperty("unbinding_us") @Nullable Long unbinding) {

  /** None. */
  static final Cycles NONE = of(List.of());

  public Cycles {
    leaked = Collections.unmodifiableSortedSet(new TreeSet<>(leaked));
    broken = Collections.unmodifiableSortedSet(new TreeSet<>(broken));
  }

  /** Of their verdicts. */
  public static Cycles of(List<Verdict> verdicts) {
    return new Cycles(
        verdicts.size(),
        verdicts.stream().mapToInt(Verdict::events).sum(),
        all(verdicts.stream().map(Verdict::leaked).toList()),
        all(verdicts.stream().map(Verdict::broken).toList()),
        unbinding(verdicts));
  }

  private static SortedSet<String> all(List<SortedSet<String>> some) {
    return some.stream().flatMap(Collection::stream).collect(Collectors.toCollection(TreeSet::new));
  }

  private static @Nullable Long unbinding(List<Verdict> verdicts) {
    List<Long> micros =
        verdicts.stream()
            .flatMap(verdict -> verdict.seen().stream())
            .map(Seen::unbinding)
            .filter(each -> each > 0)
            .sorted()
            .toList();
    return micros.isEmpty() ? null : micros.get((micros.size() - 1) / 2);
  }
}
