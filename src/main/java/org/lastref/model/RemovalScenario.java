package org.lastref.model;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.lastref.trace.Instruction;
import org.lastref.trace.Scenario;
import org.lastref.trace.Verb;

/** What is done to apply and remove overlays. */
public final class RemovalScenario {

  private static final Instruction PROVING = Instruction.to(Verb.LOCKDEP, "proof");
  private static final Instruction PROBED = Instruction.to(Verb.PROBED, "devices");
  private static final Instruction SETTLE = Instruction.to(Verb.SETTLE, "links");
  private static final String BUSY = "Device or resource busy";

  private final Map<String, AppliedOverlay> applied;
  private final List<String> names;
  private final Set<String> modules = new TreeSet<>();
  private final List<String> own;
  private final Set<String> unbound;
  private final List<Instruction> all = new ArrayList<>();

  private RemovalScenario(
      Map<String, AppliedOverlay> applied, List<String> own, Set<String> unbound) {
    this.applied = applied;
    names = List.copyOf(applied.keySet());
    applied.values().forEach(each -> modules.addAll(each.modules()));
    this.own = own;
    this.unbound = unbound;
  }

  /**
   * Every overlay that has another one on top is first tried to be removed, which the kernel
   * refuses. Drivers that are in modules of ours come first and go last. A kernel that proves its
   * locking stops doing so when it found something, so it is asked before and after.
   *
   * @param applied what each overlay puts into the kernel, by name, the first applied first
   * @param situation what else is done, one that {@link Situation#isOnBoard}
   * @param lockdep whether the kernel proves its locking meanwhile
   */
  public static Scenario of(
      Map<String, AppliedOverlay> applied, Situation situation, boolean lockdep) {
    return of(applied, situation, lockdep, List.of(), Set.of());
  }

  /**
   * The same with modules of the user's own, and devices for which no driver is expected: that is
   * not waited for.
   *
   * @param own their names: they are loaded in this order after ours, and unloaded in the reverse
   * @param unbound the nodes of those devices
   */
  public static Scenario of(
      Map<String, AppliedOverlay> applied,
      Situation situation,
      boolean lockdep,
      List<String> own,
      Set<String> unbound) {
    RemovalScenario made = new RemovalScenario(applied, own, unbound);
    if (lockdep) {
      made.all.add(PROVING);
    }
    made.load();
    made.around(situation);
    if (situation != Situation.UNLOAD) {
      made.unload();
    }
    if (lockdep) {
      made.all.add(PROVING);
    }
    return new Scenario(made.all);
  }

  private void around(Situation situation) {
    apply();
    if (situation == Situation.BESIDE) {
      names.forEach(this::remove);
      apply();
      OfCore.reversed(names).forEach(this::remove);
      return;
    }
    refuseToRemove();
    boolean isEach = situation == Situation.UNBIND && areNamed();
    switch (situation) {
      case UNBIND -> {
        if (!isEach) {
          all.add(Instruction.to(Verb.UNBIND, Situation.LAST_FIRST));
        }
      }
      case UNBIND_FIRST -> all.add(Instruction.to(Verb.UNBIND, Situation.FIRST_FIRST));
      case UNBIND_SUPPLIER -> all.add(Instruction.to(Verb.UNBIND, Situation.SUPPLIERS_FIRST));
      case REBIND -> {
        all.add(Instruction.to(Verb.UNBIND, Situation.LAST_FIRST));
        all.add(Instruction.to(Verb.BIND, Situation.AGAIN_BOUND));
        all.add(PROBED);
        all.add(SETTLE);
      }
      case AGAIN -> {
        // At once: what the first let go of may not be gone yet.
        OfCore.reversed(names).forEach(name -> all.add(Instruction.to(Verb.REMOVE, name)));
        apply();
        refuseToRemove();
      }
      case HELD -> {
        removeHeld();
        return;
      }
      case UNLOAD -> unload();
      default -> {}
    }
    OfCore.reversed(names)
        .forEach(
            name -> {
              if (isEach) {
                unbindEach(name);
              }
              remove(name);
            });
  }

  private void load() {
    modules.forEach(module -> all.add(Instruction.to(Verb.LOAD, module)));
    own.forEach(module -> all.add(Instruction.to(Verb.LOAD, module)));
  }

  private void unload() {
    OfCore.reversed(own).forEach(module -> all.add(Instruction.to(Verb.UNLOAD, module)));
    modules.forEach(module -> all.add(Instruction.to(Verb.UNLOAD, module)));
  }

  private void apply() {
    applied.forEach(
        (name, overlay) -> {
          all.add(Instruction.to(Verb.APPLY, name));
          List<String> bound =
              overlay.devices().stream()
                  .filter(device -> device.bound() && device.isNamed())
                  .filter(device -> !unbound.contains(device.path()))
                  .map(device -> device.bus().inBound(device.name()))
                  .toList();
          if (!bound.isEmpty()) {
            all.add(Instruction.to(Verb.BOUND, String.join(",", bound)));
          }
          boolean known = overlay.devices().stream().allMatch(AppliedOverlay.Device::isNamed);
          if (!overlay.isModelled() || !known || !unbound.isEmpty()) {
            all.add(PROBED);
          }
          all.add(SETTLE);
        });
  }

  private void refuseToRemove() {
    names.subList(0, Math.max(0, names.size() - 1)).stream()
        .map(below -> Instruction.to(Verb.REMOVE, below).refused(BUSY))
        .forEach(all::add);
  }

  private void remove(String name) {
    all.add(Instruction.to(Verb.REMOVE, name));
    all.add(SETTLE);
  }

  /** Whether the model knows all devices that have drivers, and so what comes of unbinding them. */
  private boolean areNamed() {
    return applied.values().stream()
        .allMatch(
            each ->
                each.isModelled()
                    && each.devices().stream().allMatch(AppliedOverlay.Device::isNamed));
  }

  private void unbindEach(String overlay) {
    requireNonNull(applied.get(overlay)).unbinding().stream()
        .filter(device -> !unbound.contains(device.path()))
        .map(device -> device.bus().inSysfs(device.name()))
        .forEach(device -> all.add(Instruction.to(Verb.UNBIND, device)));
  }

  /** The uppermost first, all of which may wait for what is held. */
  private void removeHeld() {
    String first = names.get(names.size() - 1);
    Instruction removing = Instruction.to(Verb.REMOVE, first);
    all.add(Instruction.to(Verb.HOLD, "files"));
    all.add(Instruction.start(removing));
    all.add(Instruction.to(Verb.AWAIT, removing.step()));
    all.add(Instruction.to(Verb.CLOSE, "files"));
    all.add(Instruction.finish(removing));
    all.add(SETTLE);
    OfCore.reversed(names.subList(0, names.size() - 1)).forEach(this::remove);
  }
}
