package org.lastref.verify;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.OptBoolean;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.AppliedOverlay.Known;
import org.lastref.model.AppliedOverlay.Wanting;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Event.Subject;
import org.lastref.trace.Trace;
import org.lastref.trace.Verb;
import org.lastref.trace.Watching;

/**
 * What came of the nodes for which overlays want drivers, as a trace shows it at the moment when
 * the removal begins.
 *
 * @param placed the nodes, in the order of the overlays
 * @param kept the properties, NODE/PROPERTY, whose memory the kernel never frees, as it says itself
 * @param references those that were out then
 * @param links of the overlays' devices, where these are not just those expected
 */
public record Application(
    List<Placed> placed,
    SortedSet<String> kept,
    @JacksonInject(value = NO_REFERENCES, useInput = OptBoolean.TRUE) References references,
    @JacksonInject(value = NO_LINKS, useInput = OptBoolean.TRUE) List<Linked> links) {

  /** Of an older Lastref, which counted none. */
  public static final String NO_REFERENCES = "no references";

  /** Of an older Lastref, which knew none. */
  public static final String NO_LINKS = "no links";

  /** What a kernel says of a property that it puts on a node of the base tree: overlay.c. */
  private static final Pattern KEPT =
      Pattern.compile("memory leak will occur if overlay removed, property: (\\S{1,256})");

  /** What a supplier is called, drivers/base/core.c: device_links_check_suppliers(). */
  private static final Pattern SUPPLIER =
      Pattern.compile("wait for supplier (\\S+)|supplier (\\S+) not ready");

  /** Of a trace that does not tell. */
  public static final Application UNTOLD =
      new Application(List.of(), new TreeSet<>(), References.UNCOUNTED, List.of());

  /** What became of a node. */
  public enum State {
    /** Its device has a driver. */
    BOUND,
    /** Its device's probe was put off. */
    DEFERRED,
    /** Its device has no driver, and none is to come. */
    UNBOUND,
    /** No device was made for it. */
    NO_DEVICE
  }

  /**
   * A node for which a driver is wanted.
   *
   * @param modelled whether the model knows its driver
   * @param device the name of its device, empty if it has none
   * @param reason why it was put off, as the kernel lists it; empty if it was not, or if that is
   *     not told
   * @param expected whether the user expects that it has no driver
   */
  public record Placed(
      String path,
      List<String> compatible,
      boolean modelled,
      String device,
      State state,
      String reason,
      boolean expected) {

    public Placed {
      compatible = List.copyOf(compatible);
    }

    /** The device or node that it waits for, as the kernel calls it; empty if none is told. */
    String supplier() {
      Matcher supplier = SUPPLIER.matcher(reason);
      if (!supplier.find()) {
        return "";
      }
      return supplier.group(1) != null ? supplier.group(1) : supplier.group(2);
    }

    private boolean isCalled(String name) {
      return name.equals(device) || name.equals(path);
    }
  }

  public Application {
    placed = List.copyOf(placed);
    links = List.copyOf(links);
    kept = Collections.unmodifiableSortedSet(new TreeSet<>(kept));
  }

  /**
   * Reads it from a trace.
   *
   * @param removal of what was applied
   * @return empty if the trace does not tell: those of version 1 and before
   */
  public static Optional<Application> of(Trace trace, OverlayRemoval removal) {
    return trace.watching().equals(Watching.TEXT)
        ? Optional.empty()
        : Optional.of(new Reading(trace).of(removal));
  }

  /** Whether overlays were applied: that none is of what the kernel refused says nothing. */
  public static boolean isTold(Trace trace) {
    return trace.events().stream()
        .noneMatch(
            event ->
                event instanceof Event.Step step
                    && step.end()
                    && step.is(Verb.APPLY)
                    && !step.result().equals("applied"));
  }

  /**
   * The same with what was seen of references and links.
   *
   * @param expected what should have come of the overlays
   */
  public Application with(ObservedOverlays observed, Map<String, AppliedOverlay> expected) {
    return new Application(placed, kept, observed.references(), Linked.of(observed, expected));
  }

  /** How many have a driver. */
  public int bound() {
    return (int) placed.stream().filter(each -> each.state() == State.BOUND).count();
  }

  /**
   * Whether drivers were wanted and none came: nothing was exercised. Where each was expected to be
   * missing, devices without drivers are what was to be tried.
   */
  public boolean exercisedNothing() {
    return bound() == 0 && placed.stream().anyMatch(each -> !each.expected());
  }

  /** Whether a driver came where none was expected. */
  public boolean surprises() {
    return placed.stream().anyMatch(each -> each.expected() && each.state() == State.BOUND);
  }

  /** Whether a node's device has a driver. */
  public boolean isBound(String path) {
    return placed.stream()
        .anyMatch(each -> each.path().equals(path) && each.state() == State.BOUND);
  }

  /** Why a node's device has no driver: who waits for whom, as far as that is told. */
  public String why(Placed which) {
    return switch (which.state()) {
      case BOUND -> "it is bound";
      case NO_DEVICE -> "no device was made for it";
      case UNBOUND -> "no driver took it";
      case DEFERRED -> waits(which);
    };
  }

  private String waits(Placed which) {
    StringBuilder chain = new StringBuilder();
    Set<String> told = new HashSet<>();
    Placed at = which;
    while (true) {
      String supplier = at.supplier();
      if (supplier.isEmpty()) {
        String reason = at.reason().isEmpty() ? "its probe was put off" : at.reason();
        return chain
            .append(chain.isEmpty() ? "" : ", of which is said: ")
            .append(reason)
            .toString();
      }
      chain.append(chain.isEmpty() ? "it waits for " : ", which waits for ").append(supplier);
      told.add(at.path());
      Optional<Placed> next = placed.stream().filter(each -> each.isCalled(supplier)).findFirst();
      if (next.isEmpty() || next.get().state() != State.DEFERRED) {
        return chain.toString();
      }
      if (told.contains(next.get().path())) {
        return chain.append(": a cycle").toString();
      }
      at = next.get();
    }
  }

  /** What a trace tells up to the first removal. */
  private static final class Reading {
    /** By path; the first one is the node's, the others are what its driver makes. */
    private final Map<String, String> devices = new LinkedHashMap<>();

    private final SortedSet<String> kept = new TreeSet<>();
    private final Set<String> bound = new HashSet<>();
    private final Map<String, String> deferred = new HashMap<>();

    private Reading(Trace trace) {
      for (Event event : trace.events()) {
        if (event instanceof Event.Step step) {
          if (step.takesAway()) {
            break;
          }
          step(step);
        } else if (event instanceof Reference reference) {
          device(reference.subject());
        } else if (event instanceof Event.Called called) {
          called(called);
        } else if (event instanceof Event.Logged logged) {
          Matcher property = KEPT.matcher(logged.text());
          if (property.find()) {
            kept.add(property.group(1));
          }
        }
      }
    }

    /** What is put off is listed again at the end of each. */
    private void step(Event.Step step) {
      if (step.begins(Verb.APPLY) || step.begins(Verb.BOUND) || step.begins(Verb.PROBED)) {
        deferred.clear();
      }
    }

    private void device(Subject subject) {
      boolean device = subject.kind() == Kind.DEVICE || subject.kind() == Kind.OTHER_DEVICE;
      boolean onBus = !subject.bus().isEmpty() && !subject.bus().startsWith("class/");
      if (device && onBus && !subject.path().isEmpty() && !subject.name().isEmpty()) {
        devices.putIfAbsent(subject.path(), subject.name());
      }
    }

    private void called(Event.Called called) {
      String name = called.argument("name");
      switch (called.event()) {
        case "bound" -> bound.add(name);
        case "unbinding" -> bound.remove(name);
        case "deferred" -> deferred.put(name, called.argument("reason"));
        default -> {}
      }
    }

    private Application of(OverlayRemoval removal) {
      List<Placed> placed = new ArrayList<>();
      for (AppliedOverlay overlay : removal.applied().values()) {
        for (Wanting wanting : overlay.wanting()) {
          String device = devices.getOrDefault(wanting.path(), "");
          String reason = deferred.getOrDefault(device, "");
          // The driver's name stands before it.
          String why = reason.substring(reason.indexOf(": ") < 0 ? 0 : reason.indexOf(": ") + 2);
          placed.add(
              new Placed(
                  wanting.path(),
                  wanting.compatible(),
                  wanting.known() != Known.NOT,
                  device,
                  state(device),
                  why,
                  removal.unbound().contains(wanting.path())));
        }
      }
      return new Application(placed, kept, References.UNCOUNTED, List.of());
    }

    private State state(String device) {
      if (device.isEmpty()) {
        return State.NO_DEVICE;
      }
      if (bound.contains(device)) {
        return State.BOUND;
      }
      return deferred.containsKey(device) ? State.DEFERRED : State.UNBOUND;
    }
  }
}
