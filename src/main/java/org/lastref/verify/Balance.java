package org.lastref.verify;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Trace;

/**
 * Whether as many references were given back as were taken, whoever did it: what was made during a
 * trace is gone by its end, and what was there before is held as often as before.
 */
final class Balance {

  /** A node or device from its first event on. */
  private static final class Held {
    private final Reference first;

    /** It has one reference when it is made, and none but its maker's. */
    private final boolean isNew;

    private Reference last;
    private int count;

    private Held(Reference first) {
      this.first = first;
      last = first;
      isNew = first.count() == 1;
      count = first.count();
    }
  }

  private Balance() {}

  static void check(Examination examination) {
    check(examination, reference -> true);
  }

  /** Of those kinds only that the {@link Ledger} keeps no account of. */
  static void checkFurther(Examination examination) {
    check(examination, reference -> !Ledger.has(reference));
  }

  private static void check(Examination examination, Predicate<Reference> which) {
    Trace trace = examination.trace();
    Consumer<Finding> found = examination::found;
    // Else a count may have been read before another processor's operation.
    boolean exact = trace.watching().exact();
    Map<Long, Held> open = new LinkedHashMap<>();
    for (Event event : trace.events()) {
      if (!(event instanceof Reference reference) || !which.test(reference)) {
        continue;
      }
      if (reference.count() < 1) {
        found.accept(finding(reference.at().index(), reference, "none: it is gone already"));
      }
      Held held = open.computeIfAbsent(reference.object(), each -> new Held(reference));
      if (exact && held.count != reference.count()) {
        found.accept(Finding.miscounted(reference, reference.name(), held.count));
        held.count = reference.count();
      }
      held.count += reference.direction() == Direction.GET ? 1 : -1;
      held.last = reference;
      if (held.count <= 0) {
        open.remove(reference.object());
      }
    }
    for (Held held : open.values()) {
      int wanted = held.isNew ? 0 : held.first.count();
      if (held.count != wanted) {
        found.accept(
            finding(
                trace.events().size(),
                held.last,
                held.isNew
                    ? "none is held at the end, but %d are".formatted(held.count)
                    : "%d are held at the end as at the beginning, but %d are"
                        .formatted(wanted, held.count)));
      }
    }
  }

  private static Finding finding(int event, Reference reference, String allowed) {
    String what = reference.kind() == Kind.NODE ? "node " : "device ";
    return new Finding(
        Finding.Type.BALANCE,
        event,
        what + reference.name(),
        "at last a " + reference.describe(),
        allowed);
  }
}
