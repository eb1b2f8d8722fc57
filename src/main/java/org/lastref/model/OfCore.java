package org.lastref.model;

import static org.lastref.model.KernelAct.act;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.lastref.klog.Sign;
import org.lastref.machine.Doer;
import org.lastref.machine.Effect;
import org.lastref.machine.Label;
import org.lastref.machine.Script;
import org.lastref.machine.Variable;
import org.lastref.trace.Event.Kind;

/**
 * The functions of drivers/of that models need, each written down once: how an overlay leaves the
 * tree. Linux 6.1.192; those of 6.12.117 have the same text.
 */
@SuppressWarnings("MemberName") // the kernel's
final class OfCore {

  static final String KOBJ = "drivers/of/kobj.c";
  static final String DYNAMIC = "drivers/of/dynamic.c";
  static final String OVERLAY = "drivers/of/overlay.c";
  static final String PLATFORM = "drivers/of/platform.c";

  /** A node of the changeset enters sysfs, which holds it. */
  static final KernelAct ATTACH_NODE =
      act("attach node", "attach_node", Shown.taken(Kind.NODE, "__of_attach_node_sysfs"));

  /** It leaves sysfs. */
  static final KernelAct DETACH_NODE =
      act("detach node", "detach_node", Shown.returned(Kind.NODE, "__of_detach_node_sysfs"));

  /** An entry of the changeset returns its node's. */
  static final KernelAct CHANGESET_PUTS_NODE =
      act("changeset puts node", "of_node_put", Shown.returned(Kind.NODE, Functions.DESTROY_ENTRY));

  /** The kernel says that a node is still held: {@code __of_changeset_entry_destroy()}. */
  static final KernelAct REPORT_NODE =
      act("report node", "report", Shown.logged(Sign.NODE_LEAK::matcher).toldLate());

  /** The node that was reported went after all: {@code of_node_release()}. */
  static final KernelAct REPORT_LATE =
      act("report late", "report, late", Shown.logged(Sign.LATE_NODE_LEAK::matcher));

  private OfCore() {}

  /**
   * A node of the changeset while a machine is written down.
   *
   * @param path its path
   * @param entries how many entries of the changeset are about it
   * @param refs the references to it; null for one that the overlay only changes
   * @param reported whether it was reported; null for the same
   * @param notified whether the buses are told that it comes or goes
   * @param toldLate whether it is looked for what {@code of_node_release()} says of one that was
   *     reported
   */
  record OfNode(
      String path,
      int entries,
      @Nullable Variable refs,
      @Nullable Variable reported,
      boolean notified,
      boolean toldLate) {

    private Variable theRefs() {
      if (refs == null) {
        throw new IllegalStateException(path + " was not added");
      }
      return refs;
    }

    private boolean added() {
      return refs != null;
    }
  }

  /** What is waited for while an overlay is removed. */
  record Waits(Consumer<Script> reverted, Consumer<Script> destroying) {
    static final Waits NONE = new Waits(by -> {}, by -> {});
  }

  /**
   * drivers/of/overlay.c, from where it holds the lock.
   *
   * @param notify what becomes of a node's device: {@code of_platform_notify()} and its like
   */
  static void of_overlay_remove(
      Script by, List<OfNode> nodes, BiConsumer<Script, OfNode> notify, Waits waits) {
    __of_changeset_revert_entries(by, nodes);
    reversed(nodes).stream().filter(OfNode::notified).forEach(node -> notify.accept(by, node));
    waits.reverted().accept(by);
    waits.destroying().accept(by);
    of_changeset_destroy(by, nodes);
  }

  /** drivers/of/dynamic.c: the last entry first. */
  private static void __of_changeset_revert_entries(Script by, List<OfNode> nodes) {
    reversed(nodes).stream()
        .filter(OfNode::added)
        .forEach(node -> __of_detach_node_sysfs(by, node));
  }

  /** drivers/of/kobj.c. */
  private static void __of_detach_node_sysfs(Script by, OfNode node) {
    by.shows(
        new Label(DETACH_NODE, node.path(), Doers.REMOVER),
        "__of_detach_node_sysfs(), " + KOBJ,
        List.of(),
        node.theRefs().plus(-1));
  }

  /** drivers/of/dynamic.c. */
  private static void of_changeset_destroy(Script by, List<OfNode> nodes) {
    for (OfNode node : reversed(nodes)) {
      for (int entry = 1; entry < node.entries(); entry++) {
        of_node_put(
            by, node, CHANGESET_PUTS_NODE, Doers.REMOVER, "of_changeset_destroy(), " + DYNAMIC);
      }
      if (node.added()) {
        __of_changeset_entry_destroy(by, node);
      }
      lastPut(by, node, CHANGESET_PUTS_NODE, Doers.REMOVER, "of_changeset_destroy(), " + DYNAMIC);
    }
  }

  /** drivers/of/dynamic.c: an attached node should have no other holder by now. */
  private static void __of_changeset_entry_destroy(Script by, OfNode node) {
    Variable reported = node.reported();
    by.either(
        () ->
            by.shows(
                new Label(REPORT_NODE, node.path(), Doers.REMOVER),
                "__of_changeset_entry_destroy(), " + DYNAMIC,
                List.of(node.theRefs().atLeast(2)),
                reported == null ? Script.NO_EFFECT : new Effect[] {reported.becomes(1)}),
        () ->
            by.hidden(
                "finds no other holder of " + node.path(),
                "__of_changeset_entry_destroy(), " + DYNAMIC,
                List.of(node.theRefs().is(1))));
  }

  /** A put that cannot be the last. */
  static void of_node_put(Script by, OfNode node, KernelAct act, Doer doer, String where) {
    by.shows(new Label(act, node.path(), doer), where, List.of(), plus(node.refs(), -1));
  }

  /** One that may be: {@code of_node_release()} says once more of what was reported. */
  static void lastPut(Script by, OfNode node, KernelAct act, Doer doer, String where) {
    Variable refs = node.refs();
    Variable reported = node.reported();
    if (!node.toldLate() || refs == null || reported == null) {
      of_node_put(by, node, act, doer, where);
      return;
    }
    Label label = new Label(act, node.path(), doer);
    by.either(
        () -> by.shows(label, where, List.of(refs.atLeast(2)), refs.plus(-1)),
        () -> by.shows(label, where, List.of(refs.is(1), reported.is(0)), refs.becomes(0)),
        () -> {
          by.shows(label, where, List.of(refs.is(1), reported.is(1)), refs.becomes(0));
          by.shows(
              new Label(REPORT_LATE, node.path(), doer),
              "of_node_release(), " + DYNAMIC,
              List.of());
        });
  }

  private static Effect[] plus(@Nullable Variable refs, int difference) {
    return refs == null ? Script.NO_EFFECT : new Effect[] {refs.plus(difference)};
  }

  static <T> List<T> reversed(List<T> list) {
    List<T> reversed = new ArrayList<>(list);
    Collections.reverse(reversed);
    return reversed;
  }
}
