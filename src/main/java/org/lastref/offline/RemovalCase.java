package org.lastref.offline;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.InputFault;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.Overlay;
import org.lastref.fdt.OverlaySource;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.AppliedOverlay.Wanting;
import org.lastref.model.DriverProfile;
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
 * @param unbound names of nodes, as {@link AppliedOverlay.Wanting#names} has them, whose devices
 *     are to have no driver, besides those that the overlays' heads name; the overlays need not
 *     have them
 */
public record RemovalCase(
    OverlaySource overlay,
    Policy policy,
    Situation situation,
    boolean lockdep,
    SortedSet<String> unbound) {

  public RemovalCase {
    unbound = Collections.unmodifiableSortedSet(new TreeSet<>(unbound));
  }

  /** One in which nothing else is done or expected. */
  public RemovalCase(OverlaySource overlay, Policy policy) {
    this(overlay, policy, Situation.REMOVE, false, new TreeSet<>());
  }

  private static final int MOST = 20;

  /** What it is called. */
  public CaseName name() {
    return CaseName.of(names(), policy, situation, lockdep);
  }

  /** The same on a kernel of the user's own. */
  public CaseName ownName() {
    return CaseName.own(names(), policy, situation);
  }

  private String names() {
    return situation == Situation.BESIDE
        ? CaseName.beside(overlay.stack().stream().map(OverlaySource::name).toList())
        : overlay.name();
  }

  /** The options that choose this case alone. */
  public String options() {
    return "--only %s --release %s --fix %s --grace %s%s%s"
        .formatted(
            overlayOption(),
            policy.release(),
            policy.fix(),
            policy.grace(),
            situationOption(),
            unboundOption());
  }

  /** The situation as an option, with a blank before it; empty if there is none. */
  public String situationOption() {
    return situation == Situation.REMOVE ? "" : " --situation " + situation;
  }

  /** What the user expects of devices as an option, with a blank before it; empty if nothing. */
  public String unboundOption() {
    return unbound.isEmpty() ? "" : " --expect-unbound " + quoted(String.join(",", unbound));
  }

  /**
   * The overlay as {@code --only} takes it: its name below {@code overlays/}, or its path; then its
   * parameters.
   */
  public String overlayOption() {
    List<OverlaySource> named = situation == Situation.BESIDE ? overlay.stack() : List.of(overlay);
    StringBuilder option =
        new StringBuilder(named.stream().map(RemovalCase::source).collect(Collectors.joining(",")));
    overlay
        .parameters()
        .forEach((name, value) -> option.append(" --param ").append(quoted(name + "=" + value)));
    return option.toString();
  }

  private static String source(OverlaySource overlay) {
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
    return word.matches("[A-Za-z0-9._/=:-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** The kernel with what is known of the overlay's drivers from the files beside it. */
  public Kernel known(Kernel kernel) {
    Drivers drivers = Drivers.NONE;
    for (OverlaySource layer : overlay.stack()) {
      drivers = drivers.with(beside(layer));
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
    SortedSet<String> paths = unbound(applied);
    overlay.stack().forEach(layer -> fits(layer, applied.get(layer.name())));
    return new OverlayRemoval(
        policy, applied, RemovalScenario.of(applied, situation, lockdep, modules, paths), paths);
  }

  /** What that file says; nothing if there is none. */
  public static Drivers beside(OverlaySource overlay) {
    Path file = profiles(overlay);
    return Files.exists(file) ? Drivers.read(file) : Drivers.NONE;
  }

  /** What is said of drivers beside an overlay has to be of drivers that it wants. */
  private static void fits(OverlaySource layer, @Nullable AppliedOverlay applied) {
    if (applied == null) {
      return;
    }
    Set<String> wanted = new TreeSet<>();
    applied.wanting().forEach(each -> wanted.addAll(each.compatible()));
    for (DriverProfile driver : beside(layer).drivers()) {
      if (Collections.disjoint(driver.compatible(), wanted)) {
        throw new InputFault(
            "%s: it says what a driver of %s does, but %s has no such node: %s. Learn anew with ./lastref learn --forget %s, or delete the file"
                .formatted(
                    profiles(layer),
                    String.join(", ", driver.compatible()),
                    layer.name(),
                    wanted(List.of(applied)),
                    quoted(layer.source().toString())));
      }
    }
  }

  /** The paths of the nodes whose devices are to have no driver. */
  private SortedSet<String> unbound(Map<String, AppliedOverlay> applied) {
    Set<String> names = new HashSet<>(unbound);
    for (OverlaySource layer : overlay.stack()) {
      for (String name : layer.unbound()) {
        if (wanting(applied.values(), Set.of(name)).isEmpty()) {
          throw new InputFault(
              "%s: its head expects %s to get no driver, and %s"
                  .formatted(layer.source(), name, wanted(applied.values())));
        }
        names.add(name);
      }
    }
    SortedSet<String> paths = new TreeSet<>();
    wanting(applied.values(), names).forEach(each -> paths.add(each.path()));
    return paths;
  }

  private static List<Wanting> wanting(Collection<AppliedOverlay> applied, Set<String> names) {
    return applied.stream()
        .flatMap(each -> each.wanting().stream())
        .filter(each -> !Collections.disjoint(each.names(), names))
        .toList();
  }

  /** Which nodes there are instead of one that was named and is not there. */
  public static String wanted(Collection<AppliedOverlay> applied) {
    List<String> nodes =
        applied.stream()
            .flatMap(each -> each.wanting().stream())
            .map(each -> "%s (%s)".formatted(each.path(), String.join(", ", each.compatible())))
            .distinct()
            .toList();
    String all = nodes.stream().limit(MOST).collect(Collectors.joining(", "));
    return nodes.isEmpty()
        ? "drivers are wanted for no node"
        : "drivers are wanted for "
            + all
            + (nodes.size() > MOST ? " and %d more".formatted(nodes.size() - MOST) : "");
  }
}
