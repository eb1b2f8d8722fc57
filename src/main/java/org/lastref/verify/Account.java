package org.lastref.verify;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.lastref.model.Refcounts.Hold;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Reference;

/**
 * The references to one object: who took each and who returned it.
 *
 * <p>A get by one of the object's modelled holders opens that hold. Any other get is a lookup,
 * which has to be returned by whoever made it: by the same task, the latest first, or at the latest
 * by somebody else before the end.
 */
final class Account {

  private final String name;
  private final Consumer<Finding> findings;
  private final List<Hold> toCome;
  private final List<Open> holds = new ArrayList<>();
  private final Deque<Open> lookups = new ArrayDeque<>();
  private int count;

  /** A reference that has been taken and not returned. */
  private record Open(Hold hold, @Nullable Reference get) {}

  /**
   * Opens an account at its first event.
   *
   * @param toCome the modelled holds, in the order in which they will be taken
   * @param held those that the object has from the start
   */
  Account(
      String name,
      Reference first,
      List<Hold> toCome,
      List<Hold> held,
      Consumer<Finding> findings) {
    this.name = name;
    this.findings = findings;
    this.toCome = new ArrayList<>(toCome);
    held.forEach(hold -> holds.add(new Open(hold, null)));
    count = first.count();
  }

  /** What the gets and puts so far add up to. */
  int count() {
    return count;
  }

  /**
   * Books one event.
   *
   * @param early how much more the probe may have read than the gets and puts before it add up to,
   *     because of operations of other tasks around the same time
   * @param late how much less
   */
  void book(Reference event, int early, int late) {
    if (event.count() < count - late || event.count() > count + early) {
      findings.accept(Finding.miscounted(event, name, count));
      count = event.count();
    }
    if (event.direction() == Direction.GET) {
      count++;
      take(event);
    } else {
      count--;
      giveBack(event);
    }
  }

  private void take(Reference event) {
    for (int i = 0; i < toCome.size(); i++) {
      Hold hold = toCome.get(i);
      if (hold.isTakenBy(event.chain())) {
        if (i > 0) {
          finding(event, "first a get by " + toCome.get(0).getBy());
        }
        toCome.remove(i);
        holds.add(new Open(hold, event));
        return;
      }
    }
    lookups.push(new Open(new Hold("a lookup", event.holder(), Set.of()), event));
  }

  private void giveBack(Reference event) {
    for (Iterator<Open> each = holds.iterator(); each.hasNext(); ) {
      if (each.next().hold().isReturnedBy(event.chain())) {
        each.remove();
        return;
      }
    }
    if (!closeLookup(event, true) && !closeLookup(event, false)) {
      findings.accept(
          new Finding(
              Finding.Type.BALANCE,
              event.at().index(),
              name,
              event.describe(),
              "a put by who holds a reference: " + held()));
    }
  }

  private boolean closeLookup(Reference event, boolean sameTask) {
    for (Iterator<Open> each = lookups.iterator(); each.hasNext(); ) {
      Reference get = each.next().get();
      if (!sameTask || (get != null && get.at().task().equals(event.at().task()))) {
        each.remove();
        return true;
      }
    }
    return false;
  }

  /** Every modelled hold should have been taken by now. */
  void applied(int eventIndex) {
    for (Hold hold : toCome) {
      findings.accept(
          new Finding(
              Finding.Type.HOLDER,
              eventIndex,
              name,
              "no get by " + hold.getBy(),
              "a reference for " + hold.holder()));
    }
    toCome.clear();
  }

  /** Nothing should be held any more. */
  void end(int eventIndex) {
    List<Open> open = new ArrayList<>(holds);
    open.addAll(lookups);
    for (Open still : open) {
      Reference get = still.get();
      findings.accept(
          new Finding(
              Finding.Type.BALANCE,
              eventIndex,
              name,
              get == null
                  ? "the reference of " + still.hold().holder() + " was never returned"
                  : get.describe() + " (event " + get.at().index() + ") was never returned",
              still.hold().putBy().isEmpty()
                  ? "a put by the one who looked it up"
                  : "a put by " + String.join(" or ", new TreeSet<>(still.hold().putBy()))));
    }
  }

  private void finding(Reference event, String allowed) {
    findings.accept(
        new Finding(Finding.Type.HOLDER, event.at().index(), name, event.describe(), allowed));
  }

  private String held() {
    List<String> names = new ArrayList<>();
    holds.forEach(open -> names.add(open.hold().holder()));
    lookups.forEach(open -> names.add("a lookup by " + open.hold().getBy()));
    return names.isEmpty() ? "nobody" : String.join(", ", names);
  }
}
