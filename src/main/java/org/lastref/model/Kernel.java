package org.lastref.model;

import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lastref.fdt.Node;

/**
 * A kernel, as far as the model tells kernels apart: by the symbols that they have, never by their
 * numbers, for a change is often in a stable kernel too.
 *
 * @param release as {@code uname -r} prints it
 * @param symbols those that it has of the ones that are asked for
 * @param drivers what is known of its drivers
 */
public record Kernel(String release, Set<String> symbols, Drivers drivers) {

  /**
   * Of a kernel that has this one, nodes that an overlay attaches are not taken for none of devices
   * until one is made of them. No symbol tells that {@code __of_attach_node()} does not set {@code
   * FWNODE_FLAG_NOT_DEVICE}: this one is of Linux 6.3, and of those with it Debian's 6.12.107 and
   * 6.12.117 were read.
   */
  static final String REAL_SUPPLIERS = "bus_to_subsys";

  private static final Set<String> NEWER = Set.of(REAL_SUPPLIERS);

  /** Debian's linux-source-6.1, which has all that is asked for but what came later. */
  public static final Kernel LINUX_6_1 = of("6.1", symbol -> !NEWER.contains(symbol));

  public Kernel {
    symbols = Set.copyOf(symbols);
  }

  /**
   * One that was built here.
   *
   * @param has whether its {@code System.map} has a symbol
   */
  public static Kernel of(String release, Predicate<String> has) {
    return new Kernel(
        release,
        Stream.of(Suppliers.symbols(), EarlyNodes.symbols(), Drivers.KNOWN.symbols(), NEWER)
            .flatMap(Set::stream)
            .filter(has)
            .collect(Collectors.toCollection(TreeSet::new)),
        Drivers.KNOWN);
  }

  /** What is known of a node's driver; empty if nothing is, or if it has not got that. */
  Optional<DriverProfile> driver(Node node) {
    return drivers.of(node, this::has);
  }

  /** The same, of which more drivers are known. */
  public Kernel with(Drivers more) {
    return new Kernel(release, symbols, drivers.with(more));
  }

  /** One by what it has not of what Linux 6.1 has, and by what it has that came later. */
  public static Kernel of(String release, Set<String> lacks, Set<String> newer) {
    return of(
        release,
        symbol -> NEWER.contains(symbol) ? newer.contains(symbol) : !lacks.contains(symbol));
  }

  /** What it has that came after Linux 6.1. */
  public SortedSet<String> newer() {
    SortedSet<String> newer = new TreeSet<>(NEWER);
    newer.retainAll(symbols);
    return newer;
  }

  /** What it has not of what Linux 6.1 has. */
  public SortedSet<String> lacks() {
    SortedSet<String> lacks = new TreeSet<>(LINUX_6_1.symbols);
    lacks.removeAll(symbols);
    return lacks;
  }

  /**
   * Whether it has a symbol.
   *
   * @throws IllegalArgumentException if that was never asked of any kernel
   */
  public boolean has(String symbol) {
    if (!LINUX_6_1.symbols.contains(symbol) && !NEWER.contains(symbol)) {
      throw new IllegalArgumentException("no kernel was asked for " + symbol);
    }
    return symbols.contains(symbol);
  }
}
