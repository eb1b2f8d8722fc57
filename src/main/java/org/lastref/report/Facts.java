package org.lastref.report;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was found out of a case, before it is put into words.
 *
 * @param coverage how much was seen of what its model allows; null without a model
 * @param likeness what a kernel of the user's own is like; null of any other
 * @param breaches how such a kernel breaks its promise, a sentence each
 */
public record Facts(
    CaseWord word,
    Cycles cycles,
    @Nullable CaseCoverage coverage,
    @Nullable Likeness likeness,
    List<String> breaches) {

  public Facts {
    breaches = List.copyOf(breaches);
  }

  /** The same of a case of which this was seen. */
  Facts with(Cycles seen) {
    return new Facts(word, seen, coverage, likeness, breaches);
  }

  /** The same with another verdict. */
  Facts with(CaseWord.Kind other) {
    return new Facts(new CaseWord(other), cycles, coverage, likeness, breaches);
  }

  Facts bounded() {
    List<String> cut = breaches.stream().map(each -> Excerpt.of(each, Excerpt.HEADLINE)).toList();
    return new Facts(word, cycles, coverage, likeness, cut);
  }

  /** As properties of the case. */
  public SortedMap<String, String> properties() {
    SortedMap<String, String> properties = new TreeMap<>();
    if (coverage != null) {
      properties.putAll(coverage.properties());
    }
    if (likeness != null) {
      properties.put("like", likeness.words());
      if (likeness.nearest() != null) {
        properties.put("nearest", likeness.nearest().policy().toString());
      }
    }
    properties.put("verdict", word.toString());
    properties.put("cycles", "" + cycles.count());
    properties.put("leaked", String.join(" ", cycles.leaked()));
    if (!cycles.broken().isEmpty()) {
      properties.put("broken", String.join("; ", cycles.broken()));
    }
    if (cycles.unbinding() != null) {
      properties.put("unbinding_us", cycles.unbinding().toString());
    }
    properties.put("events", "" + cycles.events());
    return properties;
  }
}
