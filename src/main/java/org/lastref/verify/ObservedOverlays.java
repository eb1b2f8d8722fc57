package org.lastref.verify;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.AppliedOverlay.Change;
import org.lastref.model.AppliedOverlay.ChangedNode;
import org.lastref.model.AppliedOverlay.Device;
import org.lastref.model.AppliedOverlay.Link;
import org.lastref.model.AppliedOverlay.NodeHold;
import org.lastref.model.Bus;
import org.lastref.model.Drivers;
import org.lastref.model.Refcounts;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Event.Subject;
import org.lastref.trace.Trace;

/**
 * What overlays put into the kernel, as a trace shows it at the moment when the removal begins: the
 * devices that were made of their nodes, the drivers bound, the links that are there, and what
 * drivers took by functions whose counterpart is known. From it the removal can be worked out
 * whatever the drivers are.
 *
 * @param applied by name, in the order in which they were applied
 * @param trace the same trace, its devices marked as known that the model has now
 * @param removal the index of the event by which the removal begins, or of the end
 * @param placed whether the removal can be worked out from it: not what comes back by it where a
 *     node of the base tree was switched off; and a chip's driver may make platform devices of the
 *     nodes below it, which then go with that, whenever that is, and not when their nodes go
 */
public record ObservedOverlays(
    Map<String, AppliedOverlay> applied, Trace trace, int removal, boolean placed) {

  /** What makes parts of a chip begins so, drivers/mfd/mfd-core.c: one is a part of another. */
  private static final String MAKES_PARTS = "mfd_add_device";

  /** What makes a link from the devicetree: drivers/base/core.c of Linux 6.1.192. */
  private static final String INFERS = "fw_devlink_create_devlink";

  /**
   * The references to nodes of the overlays that were out when the removal began: how many there
   * were, and whose those are that may come back anywhere before the check, for it is not known
   * where they do.
   */
  public References references() {
    int out = 0;
    SortedMap<String, Integer> anywhere = new TreeMap<>();
    List<Taken> taken = Taken.in(trace, applied);
    for (AppliedOverlay overlay : applied.values()) {
      for (ChangedNode node : overlay.nodes()) {
        List<Refcounts.Hold> placed = new ArrayList<>(Refcounts.of(node, overlay));
        int held = node.added() ? held(node.path()) : 0;
        out += held;
        int others = held - placed.size();
        for (Taken each : taken) {
          if (others > 0
              && each.get().kind() == Kind.NODE
              && each.get().subject().path().equals(node.path())
              && each.isOutAt(removal)) {
            Optional<Refcounts.Hold> place =
                placed.stream().filter(hold -> hold.isTakenBy(each.get().chain())).findFirst();
            place.ifPresent(placed::remove);
            if (place.isEmpty()) {
              others--;
              anywhere.merge(each.get().holder() + " of " + node.path(), 1, Integer::sum);
            }
          }
        }
      }
    }
    return new References(out, anywhere);
  }

  /** How often a node is held when the removal begins, but for what its children's folders do. */
  private int held(String path) {
    long object = 0;
    int held = 0;
    for (Event event : trace.events().subList(0, removal)) {
      if (event instanceof Reference each
          && each.kind() == Kind.NODE
          && each.subject().path().equals(path)) {
        if (each.object() != object) {
          object = each.object();
          held = each.count();
        }
        int change = each.direction() == Direction.GET ? 1 : -1;
        held += Refcounts.isCores(each.chain()) ? 0 : change;
      }
    }
    return held;
  }

  /**
   * Reads it from a trace whose chains of callers are known.
   *
   * @param expected what the model has of the overlays
   */
  public static ObservedOverlays of(Trace trace, Map<String, AppliedOverlay> expected) {
    Reading reading = new Reading(expected);
    int removal = trace.events().size();
    for (Event event : trace.events()) {
      if (event instanceof Event.Step step && step.takesAway()) {
        removal = event.at().index();
        break;
      }
      reading.follow(event);
    }
    Map<String, AppliedOverlay> applied = new LinkedHashMap<>();
    expected.forEach((name, overlay) -> applied.put(name, reading.applied(overlay)));
    boolean comesBack = expected.values().stream().anyMatch(each -> each.does(Change.SWITCHED_OFF));
    return new ObservedOverlays(
        applied, reading.marked(trace), removal, !comesBack && !reading.hasParts);
  }

  private static final class Reading {
    /** The paths of the nodes of which devices come with the overlays. */
    private final Set<String> nodes = new HashSet<>();

    /** Those of them that overlays added. */
    private final Set<String> added = new HashSet<>();

    /** Those that are expected, by path. */
    private final Map<String, Device> known = new HashMap<>();

    /** By path, in the order in which they were made. */
    private final Map<String, Subject> devices = new LinkedHashMap<>();

    /** Their names. */
    private final Set<String> names = new HashSet<>();

    /** The devices that drivers made for a node, by its path. */
    private final Map<String, Set<String>> further = new HashMap<>();

    private final Set<String> bound = new HashSet<>();

    /** Those that are there, by their own devices, whose addresses are used again. */
    private final Map<Long, Link> links = new LinkedHashMap<>();

    /** Those that were made and are gone. */
    private final List<Link> dropped = new ArrayList<>();

    private final Map<String, List<NodeHold>> holds = new HashMap<>();

    /** Devices that probe, the innermost first, by task. */
    private final Map<String, Deque<String>> probing = new HashMap<>();

    /** Whether a device was made as a part of another. */
    private boolean hasParts;

    /** Every device that is watched by its name, of the base tree too. */
    private final Set<String> watched = new HashSet<>();

    private Reading(Map<String, AppliedOverlay> expected) {
      for (AppliedOverlay overlay : expected.values()) {
        nodes.addAll(overlay.ownNodes());
        overlay.nodes().stream().filter(ChangedNode::added).forEach(node -> added.add(node.path()));
        overlay.devices().forEach(device -> known.put(device.path(), device));
      }
    }

    private void follow(Event event) {
      if (event instanceof Reference reference) {
        subject(reference);
        if (reference.kind() == Kind.NODE && reference.direction() == Direction.GET) {
          taken(reference);
        }
      } else if (event instanceof Event.Called called) {
        called(called);
      } else if (event instanceof Event.Reached reached
          && reached.point() == Event.Point.LINK_RELEASE) {
        links.values().stream()
            .filter(link -> link.name().equals(reached.argument()))
            .findFirst()
            .ifPresent(
                link -> {
                  links.values().remove(link);
                  dropped.add(link);
                });
      }
    }

    private void subject(Reference reference) {
      Subject subject = reference.subject();
      boolean last = reference.direction() == Direction.PUT && reference.count() == 1;
      switch (subject.kind()) {
        case DEVICE, OTHER_DEVICE -> {
          if (last) {
            gone(subject);
          } else {
            device(subject);
            hasParts |=
                reference.chain().functions().stream()
                    .anyMatch(function -> function.startsWith(MAKES_PARTS));
          }
        }
        case LINK -> {
          boolean inferred = reference.chain().functions().contains(INFERS);
          Link.named(
                  subject.name(),
                  inferred ? AppliedOverlay.Kind.INFERRED : AppliedOverlay.Kind.AUTOREMOVE)
              .ifPresent(link -> links.putIfAbsent(subject.object(), link));
        }
        case NODE -> {}
      }
    }

    private void device(Subject subject) {
      if (subject.kind() == Kind.DEVICE) {
        watched.add(subject.name());
      }
      if (nodes.contains(subject.path())
          && Bus.of(subject.bus()).filter(bus -> bus.isDevice(subject.name())).isPresent()
          && devices.putIfAbsent(subject.path(), subject) == null) {
        watched.add(subject.name());
        names.add(subject.name());
      } else if (subject.kind() == Kind.OTHER_DEVICE) {
        further.computeIfAbsent(subject.path(), path -> new HashSet<>()).add(subject.name());
      }
    }

    /** One that was made and dropped again. */
    private void gone(Subject subject) {
      Subject made = devices.get(subject.path());
      if (made != null && made.object() == subject.object()) {
        devices.remove(subject.path());
      }
    }

    private void called(Event.Called called) {
      String name = called.argument("name");
      Deque<String> inner = probing.computeIfAbsent(called.at().task(), task -> new ArrayDeque<>());
      switch (called.event()) {
        case "probing" -> inner.push(name);
        case "bound" -> {
          bound.add(name);
          inner.remove(name);
        }
        case "unbinding" -> bound.remove(name);
        default -> {}
      }
    }

    /** A reference that some driver takes by a function that is known. */
    private void taken(Reference get) {
      Optional<String> device =
          probing.getOrDefault(get.at().task(), new ArrayDeque<>()).stream()
              .filter(names::contains)
              .findFirst();
      if (device.isEmpty() || !nodes.contains(get.subject().path())) {
        return;
      }
      Drivers.KNOWN
          .hold(get.chain(), get.subject().path())
          .ifPresent(
              hold -> holds.computeIfAbsent(device.get(), name -> new ArrayList<>()).add(hold));
    }

    private AppliedOverlay applied(AppliedOverlay expected) {
      Map<String, Device> made = new LinkedHashMap<>();
      Set<String> own = expected.ownNodes();
      for (Map.Entry<String, Subject> each : devices.entrySet()) {
        if (own.contains(each.getKey())) {
          made.put(each.getValue().name(), device(each.getKey(), each.getValue()));
        }
      }
      return new AppliedOverlay(
          expected.nodes(),
          List.copyOf(made.values()),
          links(links.values(), made),
          links(dropped, made),
          expected.wanting());
    }

    /** What a known driver does is known before it does it. */
    private Device device(String path, Subject subject) {
      boolean isBound = bound.contains(subject.name());
      Device like = known.get(path);
      if (like == null || like.bound() != isBound) {
        List<NodeHold> taken = isBound ? holds.getOrDefault(subject.name(), List.of()) : List.of();
        like = new Device(bus(subject), subject.name(), path, isBound, "", false, taken, !isBound);
      }
      return new Device(
          bus(subject),
          subject.name(),
          path,
          isBound,
          like.module(),
          like.sleeps(),
          like.holds().stream().map(this::released).toList(),
          like.ordered());
    }

    /** Links may hold the device on whose release a reference is returned. */
    private NodeHold released(NodeHold hold) {
      return !hold.onRelease()
          ? hold
          : further.getOrDefault(hold.path(), Set.of()).stream()
              .filter(name -> links.values().stream().anyMatch(each -> each.touches(name)))
              .findFirst()
              .map(hold::by)
              .orElse(hold);
    }

    private static Bus bus(Subject subject) {
      return Bus.of(subject.bus()).orElseThrow();
    }

    private List<Link> links(Collection<Link> made, Map<String, Device> own) {
      Set<String> overlays = new HashSet<>();
      for (String path : added) {
        overlays.addAll(further.getOrDefault(path, Set.of()));
        Optional.ofNullable(devices.get(path)).map(Subject::name).ifPresent(overlays::add);
      }
      return made.stream()
          .filter(link -> own.containsKey(link.supplier()) || own.containsKey(link.consumer()))
          .map(link -> isDrivers(link, own.get(link.consumer())) ? link.byDriver() : link)
          .map(link -> link.seen(watched).of(overlays))
          .toList();
    }

    /** Who makes a link by itself lets go of it likewise, unless it is known how. */
    private boolean isDrivers(Link link, @Nullable Device consumer) {
      return link.kind() != AppliedOverlay.Kind.INFERRED
          && consumer != null
          && known.getOrDefault(consumer.path(), consumer).module().isEmpty();
    }

    /** Of the overlays' devices, the model knows those that are there when the removal begins. */
    private Trace marked(Trace trace) {
      Set<Long> objects = new HashSet<>();
      devices.values().forEach(each -> objects.add(each.object()));
      return new Trace(
          trace.name(),
          trace.watching(),
          trace.events().stream().map(event -> marked(event, objects)).toList());
    }

    private Event marked(Event event, Set<Long> objects) {
      if (!(event instanceof Reference each)) {
        return event;
      }
      Subject subject = each.subject();
      // A driver may call what it makes of a class as its device.
      boolean namesake = subject.bus().startsWith("class/") && names.contains(subject.name());
      if (!namesake && !nodes.contains(subject.path())) {
        return event;
      }
      boolean device = subject.kind() == Kind.DEVICE || subject.kind() == Kind.OTHER_DEVICE;
      Kind kind = objects.contains(subject.object()) ? Kind.DEVICE : Kind.OTHER_DEVICE;
      return !device || kind == subject.kind()
          ? event
          : new Reference(
              each.at(),
              each.direction(),
              new Subject(kind, subject.name(), subject.object(), subject.bus(), subject.path()),
              each.count(),
              each.chain());
    }
  }
}
