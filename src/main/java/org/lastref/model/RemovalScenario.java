package org.lastref.model;

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

  private RemovalScenario() {}

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
    Set<String> modules = new TreeSet<>();
    applied.values().forEach(each -> modules.addAll(each.modules()));
    List<String> names = List.copyOf(applied.keySet());
    List<Instruction> all = new ArrayList<>();
    if (lockdep) {
      all.add(PROVING);
    }
    modules.forEach(module -> all.add(Instruction.to(Verb.LOAD, module)));
    own.forEach(module -> all.add(Instruction.to(Verb.LOAD, module)));
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
    names.subList(0, Math.max(0, names.size() - 1)).stream()
        .map(below -> Instruction.to(Verb.REMOVE, below).refused(BUSY))
        .forEach(all::add);
    OfCore.reversed(List.copyOf(applied.entrySet()))
        .forEach(
            each -> {
              if (situation == Situation.UNBIND) {
                each.getValue().unbinding().stream()
                    .filter(AppliedOverlay.Device::isNamed)
                    .filter(device -> !unbound.contains(device.path()))
                    .map(device -> device.bus().inSysfs(device.name()))
                    .forEach(device -> all.add(Instruction.to(Verb.UNBIND, device)));
              }
              all.add(Instruction.to(Verb.REMOVE, each.getKey()));
              all.add(SETTLE);
            });
    OfCore.reversed(own).forEach(module -> all.add(Instruction.to(Verb.UNLOAD, module)));
    modules.forEach(module -> all.add(Instruction.to(Verb.UNLOAD, module)));
    if (lockdep) {
      all.add(PROVING);
    }
    return new Scenario(all);
  }
}
