package org.lastref.verify;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.lastref.model.Label;
import org.lastref.trace.Event.At;
import org.lastref.trace.Trace;

/**
 * Looks for the smallest change to the steps that an exercise showed which makes them a way of its
 * model: one step more, one less, or one elsewhere.
 */
final class LabelRepairs {

  private static final int MAX_TOLD = 3;

  private final Examiner examiner;
  private final Windows windows;
  private final List<Observed> observed;
  private final List<Repair> found = new ArrayList<>();
  private long left;

  /**
   * What was found.
   *
   * @param likeliest the likeliest first
   * @param complete false if not every change could be tried
   */
  record Found(List<Repair> likeliest, boolean complete) {}

  private LabelRepairs(Examiner examiner, Trace trace, List<Observed> observed, long tries) {
    this.examiner = examiner;
    windows = new Windows(trace);
    this.observed = observed;
    left = tries;
  }

  /**
   * Looks for repairs.
   *
   * @param tries how many changes may be tried
   */
  static Found of(Examiner examiner, Trace trace, Examiner.Examined examined, long tries) {
    if (examined.divergence().isEmpty()) {
      return new Found(List.of(), true);
    }
    LabelRepairs repairs = new LabelRepairs(examiner, trace, examined.observed(), tries);
    repairs.deletions();
    repairs.insertions(List.copyOf(examined.divergence().get().possible()));
    repairs.moves();
    int at =
        examined
            .divergence()
            .get()
            .unexplained()
            .map(each -> each.at().index())
            .orElse(trace.events().size());
    repairs.found.sort(Comparator.comparingInt(each -> Math.abs(each.from() - at)));
    return new Found(
        repairs.found.subList(0, Math.min(MAX_TOLD, repairs.found.size())), repairs.left >= 0);
  }

  private void deletions() {
    for (int i = 0; i < observed.size(); i++) {
      List<Observed> changed = new ArrayList<>(observed);
      Observed gone = changed.remove(i);
      if (conforms(changed)) {
        int event = gone.at().index();
        found.add(
            new Repair(
                Repair.Kind.REMOVE, event, event, "`%s` is one too many".formatted(gone.label())));
      }
    }
  }

  private void insertions(List<Label> possible) {
    for (Label label : possible) {
      for (int i = 0; i <= observed.size(); i++) {
        At at = i < observed.size() ? observed.get(i).at() : last();
        List<Observed> changed = new ArrayList<>(observed);
        changed.add(i, new Observed(label, at));
        if (conforms(changed)) {
          found.add(
              new Repair(
                  Repair.Kind.INSERT,
                  at.index(),
                  at.index(),
                  "`%s` is missing %s event %d"
                      .formatted(label, i < observed.size() ? "before" : "after", at.index())));
          break;
        }
      }
    }
  }

  private At last() {
    return observed.isEmpty() ? new At(0, 0, 0, "nobody") : observed.get(observed.size() - 1).at();
  }

  private void moves() {
    for (int i = 0; i < observed.size(); i++) {
      for (int to = 0; to < observed.size(); to++) {
        if (to != i) {
          List<Observed> changed = new ArrayList<>(observed);
          Observed moved = changed.remove(i);
          changed.add(to, moved);
          if (conforms(changed)) {
            found.add(
                new Repair(
                    Repair.Kind.SWAP,
                    moved.at().index(),
                    observed.get(to).at().index(),
                    "`%s` (event %d) comes too %s: it belongs %s event %d"
                        .formatted(
                            moved.label(),
                            moved.at().index(),
                            to > i ? "early" : "late",
                            to > i ? "behind" : "before",
                            observed.get(to).at().index())));
            return;
          }
        }
      }
    }
  }

  private boolean conforms(List<Observed> changed) {
    return --left >= 0 && examiner.explains(changed, windows);
  }
}
