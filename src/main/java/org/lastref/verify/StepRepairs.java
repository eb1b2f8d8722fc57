package org.lastref.verify;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.lastref.machine.Label;
import org.lastref.model.Observed;
import org.lastref.trace.Event.At;
import org.lastref.verify.Conformance.Divergence;
import org.lastref.verify.Model.Passage;

/**
 * Tries every change to the steps that a part of a trace showed: one step more, one less, or one
 * elsewhere.
 */
final class StepRepairs extends Repairs {

  private final Examination examined;

  StepRepairs(Verifier verifier, Examination examined, long budget) {
    super(verifier, examined.trace(), budget);
    this.examined = examined;
  }

  @Override
  int place(Examination found) {
    return found.divergences().stream()
        .findFirst()
        .flatMap(Divergence::unexplained)
        .map(each -> each.at().index())
        .orElse(found.trace().events().size());
  }

  @Override
  Comparator<Candidate> likeliestFirst(int at) {
    return Comparator.comparingInt(each -> Math.abs(each.repair().from() - at));
  }

  @Override
  void search(int at) {
    for (Divergence divergence : examined.divergences()) {
      new Steps(passage(divergence)).search(List.copyOf(divergence.possible()));
    }
  }

  /** A model without overlays has one part, seen as often as the kernel did all of it. */
  private Passage passage(Divergence divergence) {
    List<Passage> passages = examined.passages();
    return passages.stream()
        .filter(each -> divergence.unexplained().filter(each.observed()::contains).isPresent())
        .findFirst()
        .orElseGet(() -> passages.get(passages.size() - 1));
  }

  /** Those of one part. */
  private final class Steps {
    private final Passage passage;
    private final List<Observed> observed;

    Steps(Passage passage) {
      this.passage = passage;
      observed = passage.observed();
    }

    void search(List<Label> possible) {
      deletions();
      insertions(possible);
      moves();
    }

    private void deletions() {
      for (int i = 0; i < observed.size(); i++) {
        List<Observed> changed = new ArrayList<>(observed);
        Observed gone = changed.remove(i);
        if (conforms(changed)) {
          int event = gone.at().index();
          found(Repair.Kind.REMOVE, event, event, "`%s` is one too many".formatted(gone.label()));
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
            found(
                Repair.Kind.INSERT,
                at.index(),
                at.index(),
                "`%s` is missing %s event %d"
                    .formatted(label, i < observed.size() ? "before" : "after", at.index()));
            break;
          }
        }
      }
    }

    private At last() {
      return observed.isEmpty()
          ? new At(0, 0, 0, "nobody")
          : observed.get(observed.size() - 1).at();
    }

    private void moves() {
      for (int i = 0; i < observed.size(); i++) {
        for (int to = 0; to < observed.size(); to++) {
          if (to != i) {
            List<Observed> changed = new ArrayList<>(observed);
            Observed moved = changed.remove(i);
            changed.add(to, moved);
            if (conforms(changed)) {
              found(
                  Repair.Kind.SWAP,
                  moved.at().index(),
                  observed.get(to).at().index(),
                  "`%s` (event %d) comes too %s: it belongs %s event %d"
                      .formatted(
                          moved.label(),
                          moved.at().index(),
                          to > i ? "early" : "late",
                          to > i ? "behind" : "before",
                          observed.get(to).at().index()));
              return;
            }
          }
        }
      }
    }

    private boolean conforms(List<Observed> changed) {
      return mayJudge(trace().events().size() + 1)
          && Conformance.follow(examined.beliefs(passage), examined.order(), changed)
              .divergence()
              .isEmpty();
    }
  }
}
