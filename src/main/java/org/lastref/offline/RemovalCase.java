package org.lastref.offline;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.Overlay;
import org.lastref.fdt.OverlaySource;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.Drivers;
import org.lastref.model.Kernel;
import org.lastref.model.OverlayApplier;
import org.lastref.model.Policy;
import org.lastref.model.RemovalScenario;
import org.lastref.model.Situation;
import org.lastref.report.CaseName;
import org.lastref.verify.OverlayRemoval;

/**
 * One overlay, with those below it, applied and removed under one policy.
 *
 * @param overlay the overlay
 * @param policy how the kernel lets links go
 * @param situation what else is done, one that {@link Situation#isOnBoard}
 * @param lockdep whether the kernel proves its locking meanwhile
 */
public record RemovalCase(
    OverlaySource overlay, Policy policy, Situation situation, boolean lockdep) {

  /** One in which nothing else is done. */
  public RemovalCase(OverlaySource overlay, Policy policy) {
    this(overlay, policy, Situation.REMOVE, false);
  }

  /** What it is called. */
  public CaseName name() {
    return CaseName.of(overlay.name(), policy, situation, lockdep);
  }

  /** The options that choose this case alone. */
  public String options() {
    return "--only %s --release %s --fix %s --grace %s%s"
        .formatted(
            overlayOption(),
            policy.release(),
            policy.fix(),
            policy.grace(),
            situation == Situation.REMOVE ? "" : " --situation " + situation);
  }

  /** The overlay as {@code --only} takes it: its name below {@code overlays/}, or its path. */
  public String overlayOption() {
    String name = overlay.name() + ".dtso";
    Path source = overlay.source();
    if (source.endsWith("overlays/" + name)) {
      return quoted(overlay.name());
    }
    Path folder = source.getParent();
    if (folder != null && source.endsWith("overlays/" + folder.getFileName() + "/" + name)) {
      return quoted(folder.getFileName() + "/" + overlay.name());
    }
    return quoted(source.toString());
  }

  /** A word of a command line. */
  public static String quoted(String word) {
    return word.matches("[A-Za-z0-9._/-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** The kernel with what is known of the overlay's drivers from the files beside it. */
  public Kernel known(Kernel kernel) {
    Drivers drivers = Drivers.NONE;
    for (OverlaySource layer : overlay.stack()) {
      Path file = profiles(layer);
      if (Files.exists(file)) {
        drivers = drivers.with(Drivers.read(file));
      }
    }
    return kernel.with(drivers);
  }

  /**
   * The file that says what an overlay's drivers do, if there is one: {@code NAME.drivers.yaml}.
   */
  public static Path profiles(OverlaySource overlay) {
    return overlay.source().resolveSibling(overlay.name() + ".drivers.yaml");
  }

  /**
   * What is to be done and what the model knows of it.
   *
   * @param base the tree that the board booted with
   * @throws org.lastref.fault.InputFault if the overlays cannot be applied to it
   */
  public OverlayRemoval removal(Fdt base, Kernel kernel) {
    return removal(base, kernel, List.of());
  }

  /**
   * The same with modules of the user's own loaded meanwhile.
   *
   * @param modules their names, in the order in which they are loaded
   */
  public OverlayRemoval removal(Fdt base, Kernel kernel, List<String> modules) {
    Map<String, Overlay> layers = new LinkedHashMap<>();
    overlay.stack().forEach(layer -> layers.put(layer.name(), layer.overlay()));
    Map<String, AppliedOverlay> applied = OverlayApplier.apply(base, known(kernel), layers);
    return new OverlayRemoval(
        policy, applied, RemovalScenario.of(applied, situation, lockdep, modules));
  }
}
