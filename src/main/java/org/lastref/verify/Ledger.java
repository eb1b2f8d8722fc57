package org.lastref.verify;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.Bus;
import org.lastref.model.Refcounts;
import org.lastref.model.Refcounts.Hold;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Verb;

/** Every reference is accounted for: keeps an {@link Account} of each node and device. */
final class Ledger implements Check {

  /** How many events on an object, to each side, may be concurrent: far more than processors. */
  private static final int NEIGHBOURS = 32;

  private final Map<String, AppliedOverlay> applied;

  /**
   * @param applied what overlays put into the kernel, by name
   */
  Ledger(Map<String, AppliedOverlay> applied) {
    this.applied = applied;
  }

  /** Whether it keeps account of what a reference is to. */
  static boolean has(Reference reference) {
    return reference.kind().isModelled();
  }

  @Override
  public void of(Examination examination) {
    new Books(examination).account();
  }

  /** What is kept of one trace. */
  private final class Books {
    private final Examination examination;
    private final Consumer<Finding> findings;
    private final Map<Long, Account> open = new LinkedHashMap<>();
    private final Map<Long, List<Reference>> byObject = new HashMap<>();
    private final Map<Long, Integer> booked = new HashMap<>();
    private final EventOrder order;

    /** The events of which a later count shows that they took effect. */
    private final BitSet over = new BitSet();

    private final int events;

    Books(Examination examination) {
      this.examination = examination;
      findings = examination::found;
      order = examination.order();
      events = examination.trace().events().size();
      for (Event event : examination.trace().events()) {
        if (event instanceof Reference reference && has(reference)) {
          byObject.computeIfAbsent(reference.object(), o -> new ArrayList<>()).add(reference);
        }
      }
    }

    void account() {
      Map<Integer, String> paths = examination.paths();
      for (Event event : examination.trace().events()) {
        if (event instanceof Event.Step step
            && (step.begins(Verb.REMOVE) || step.begins(Verb.UNBIND))) {
          applied(step.at().index());
        } else if (event instanceof Reference reference && has(reference)) {
          book(reference, paths.getOrDefault(reference.at().index(), reference.name()));
        }
      }
      end();
    }

    /**
     * Books one event.
     *
     * @param name the path of the node or the name of the device that it is about
     */
    private void book(Reference event, String name) {
      Account account = open.computeIfAbsent(event.object(), object -> account(name, event));
      int position = booked.merge(event.object(), 1, Integer::sum) - 1;
      List<Reference> puts = new ArrayList<>();
      List<Reference> gets = new ArrayList<>();
      int more = 0;
      int less = 0;
      List<Reference> all = byObject.getOrDefault(event.object(), List.of());
      for (int i = Math.max(0, position - NEIGHBOURS);
          i < Math.min(all.size(), position + NEIGHBOURS);
          i++) {
        Reference other = all.get(i);
        boolean get = other.direction() == Direction.GET;
        if (i < position) {
          boolean late =
              !over.get(other.at().index()) && order.mayHappenAfter(other.at(), event.at());
          if (late || order.mayBeReadBefore(event.at(), other.at())) {
            (get ? gets : puts).add(other);
          }
        } else if (i > position && order.mayHappenAfter(event.at(), other.at())) {
          // One after it that was early.
          more += get ? 1 : 0;
          less += get ? 0 : 1;
        }
      }
      boolean oneKind = more + less == 0 && (gets.isEmpty() || puts.isEmpty());
      if (oneKind && account.count() == event.count()) {
        puts.forEach(put -> over.set(put.at().index()));
        gets.forEach(get -> over.set(get.at().index()));
        puts.clear();
        gets.clear();
      }
      more += puts.size();
      less += gets.size();
      account.book(event, more, less);
      if (event.direction() == Direction.PUT && event.count() == 1) {
        account.end(event.at().index());
        open.remove(event.object());
      }
    }

    private Account account(String name, Reference event) {
      if (event.kind() == Kind.DEVICE) {
        return new Account(name, event, linkHolds(name), deviceHolds(event), findings);
      }
      for (AppliedOverlay each : applied.values()) {
        Optional<AppliedOverlay.ChangedNode> node =
            each.nodes().stream().filter(n -> n.path().equals(name)).findFirst();
        if (node.isPresent()) {
          List<Hold> held = node.get().added() ? List.of(Refcounts.CREATION) : List.of();
          return new Account(name, event, Refcounts.of(node.get(), each), held, findings);
        }
      }
      return new Account(name, event, List.of(), List.of(), findings);
    }

    /** A device's own first reference: {@code device_initialize()}, and who unregisters it. */
    private List<Hold> deviceHolds(Reference first) {
      return first.count() == 1
          ? List.of(new Hold("its creation", "", Set.of(bus(first.name()).putsDevice().call())))
          : List.of();
    }

    /** Of the applied overlays' devices; others that are watched are platform devices. */
    private Bus bus(String device) {
      return applied.values().stream()
          .flatMap(each -> each.devices().stream())
          .filter(each -> each.name().equals(device))
          .map(AppliedOverlay.Device::bus)
          .findFirst()
          .orElse(Bus.PLATFORM);
    }

    /** One for each link that will hold the device, those that will be dropped again included. */
    private List<Hold> linkHolds(String device) {
      List<Hold> holds = new ArrayList<>();
      for (AppliedOverlay each : applied.values()) {
        List<AppliedOverlay.Link> links = new ArrayList<>(each.links());
        links.addAll(each.dropped());
        for (AppliedOverlay.Link link : links) {
          if (link.touches(device)) {
            holds.add(Refcounts.LINK);
          }
        }
      }
      return holds;
    }

    /** The overlays are in place and drivers bound. */
    private void applied(int eventIndex) {
      accounts().forEach(account -> account.applied(eventIndex));
    }

    /** The trace is at its end. */
    private void end() {
      accounts().forEach(account -> account.end(events));
    }

    private Collection<Account> accounts() {
      return List.copyOf(open.values());
    }
  }
}
