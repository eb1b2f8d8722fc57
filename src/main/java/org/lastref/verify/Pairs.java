package org.lastref.verify;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.Refcounts;
import org.lastref.trace.Chain;
import org.lastref.trace.Event.Reference;

/**
 * Which function is likely to give back what another took: by the model, by what was seen where
 * nothing was left over, by one call having done both, and by their names.
 */
final class Pairs {
  /** The less, the likelier. */
  private static final int KNOWN = 0;

  private static final int SEEN = 10;
  private static final int SAME_CALL = 20;
  private static final int MOST_INNER = 19;
  private static final int CREATION = 60;
  private static final int ANY = 100;
  private static final int ALIKE = 40;

  /** What every call of a task has in common: not what makes two of them one. */
  private static final Set<String> ROOTS =
      Set.of(
          "process_one_work",
          "process_scheduled_works",
          "worker_thread",
          "kthread",
          "ret_from_fork",
          "async_run_entry_fn",
          "task_work_run",
          "do_notify_resume",
          "invoke_syscall",
          "do_el0_svc",
          "el0_svc",
          "el0t_64_sync_handler",
          "el0t_64_sync");

  private final Map<String, Set<String>> known = new HashMap<>();
  private final Map<String, Set<String>> seen = new HashMap<>();

  /** What the names of functions consist of. */
  private final Map<String, Set<String>> words = new HashMap<>();

  private final Set<String> creators = new HashSet<>(Refcounts.CREATION.putBy());

  Pairs() {
    // Of lists that a device is in: drivers/base/core.c, bus.c and class.c.
    for (String list : List.of("klist_devices", "klist_children", "klist_class_dev")) {
      known.put(list + "_get", new HashSet<>(Set.of(list + "_put")));
    }
  }

  /** Takes what the model knows. */
  void know(AppliedOverlay applied) {
    for (AppliedOverlay.ChangedNode node : applied.nodes()) {
      Refcounts.of(node, applied).forEach(this::know);
    }
    know(Refcounts.LINK);
    applied.devices().forEach(device -> creators.add(device.bus().putsDevice().call()));
  }

  private void know(Refcounts.Hold hold) {
    known.computeIfAbsent(hold.getBy(), each -> new HashSet<>()).addAll(hold.putBy());
  }

  /** Notes that what one took the other gave back. */
  void saw(Reference get, Reference put) {
    seen.computeIfAbsent(get.holder(), each -> new HashSet<>()).add(put.holder());
  }

  /** Whether a cost means that there is no doubt. */
  static boolean isSure(int cost) {
    return cost <= SAME_CALL + MOST_INNER;
  }

  /**
   * How unlikely it is that a put gives back what a get took.
   *
   * @param oneStep whether no step of the scenario began or ended between them
   */
  int cost(Reference get, Reference put, boolean oneStep) {
    if (knows(known, get, put)) {
      return KNOWN;
    }
    int inner = oneStep && get.at().task().equals(put.at().task()) ? inner(get, put) : -1;
    if (inner >= 0 && get.holder().equals(put.holder())) {
      return Math.min(inner, SEEN - 1);
    }
    if (knows(seen, get, put)) {
      return SEEN;
    }
    boolean kept = known.containsKey(get.holder());
    if (inner >= 0 && !kept) {
      return SAME_CALL + Math.min(inner, MOST_INNER);
    }
    return ANY - (int) (ALIKE * alike(get.holder(), put.holder()));
  }

  /** The same for one of the references that an object has when it is first seen. */
  int cost(Reference put) {
    return creators.contains(put.holder()) ? KNOWN : CREATION;
  }

  private static boolean knows(Map<String, Set<String>> pairs, Reference get, Reference put) {
    return pairs.getOrDefault(get.holder(), Set.of()).contains(put.holder());
  }

  /**
   * How many functions lie between two operations and the innermost one that both were called by,
   * the same call of it as far as chains tell; -1 if there is none.
   */
  private static int inner(Reference get, Reference put) {
    List<String> taken = get.chain().functions();
    List<String> given = put.chain().functions();
    int common = 0;
    while (common < Math.min(taken.size(), given.size())
        && taken.get(taken.size() - 1 - common).equals(given.get(given.size() - 1 - common))) {
      common++;
    }
    int longest = Math.max(taken.size(), given.size());
    if (common == 0 && longest >= Chain.FULL) {
      return shifted(taken, given);
    }
    if (common == 0 || ROOTS.contains(taken.get(taken.size() - common))) {
      return -1;
    }
    return taken.size() + given.size() - 2 * common;
  }

  /** Chains that were cut at different depths: the innermost function that is in both counts. */
  private static int shifted(List<String> taken, List<String> given) {
    for (int i = 0; i < taken.size(); i++) {
      int other = given.indexOf(taken.get(i));
      if (other >= 0 && isCutAlike(taken, given, i, other)) {
        return ROOTS.contains(taken.get(i)) ? -1 : i + other;
      }
    }
    return -1;
  }

  private static boolean isCutAlike(List<String> taken, List<String> given, int from, int other) {
    int length = Math.min(taken.size() - from, given.size() - other);
    return taken.subList(from, from + length).equals(given.subList(other, other + length));
  }

  /** From 0 to 1: {@code of_clk_add_hw_provider} and {@code of_clk_del_provider} are much so. */
  private double alike(String one, String other) {
    Set<String> common = new HashSet<>(words(one));
    Set<String> all = new HashSet<>(words(one));
    common.retainAll(words(other));
    all.addAll(words(other));
    return all.isEmpty() ? 0 : (double) common.size() / all.size();
  }

  private Set<String> words(String function) {
    return words.computeIfAbsent(
        function,
        each -> {
          Set<String> parts = new HashSet<>(List.of(each.split("_", -1)));
          parts.remove("");
          return parts;
        });
  }
}
