package org.lastref.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lastref.fdt.Node;
import org.lastref.fdt.Property;
import org.lastref.model.AppliedOverlay.NodeHold;
import org.lastref.trace.Chain;
import org.lastref.yaml.StrictYaml;

/**
 * The drivers of which it is known what they do.
 *
 * @param drivers what is said of a compatible string first holds
 */
public record Drivers(List<DriverProfile> drivers) {

  private static final String FILE = "drivers.yaml";

  /** Those that Lastref comes with. */
  public static final Drivers KNOWN = own();

  /** How many a file may have. */
  private static final int MOST = 200;

  public Drivers {
    drivers = List.copyOf(drivers);
    if (drivers.size() > MOST) {
      throw new IllegalArgumentException("more than " + MOST + " drivers");
    }
  }

  private static Drivers own() {
    try (InputStream in = Objects.requireNonNull(Drivers.class.getResourceAsStream(FILE))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return StrictYaml.of(Path.of(FILE), text, Drivers.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** None. */
  public static final Drivers NONE = new Drivers(List.of());

  /** Reads a file of them. */
  public static Drivers read(Path file) {
    return StrictYaml.read(file, Drivers.class);
  }

  /**
   * Reads the text of such a file.
   *
   * @param file what messages call it
   */
  public static Drivers of(Path file, String text) {
    return StrictYaml.of(file, text, Drivers.class);
  }

  /** As the text of a file. */
  public String text() {
    return StrictYaml.text(this);
  }

  /** Those that are not Lastref's own. */
  public Drivers further() {
    return new Drivers(drivers.stream().filter(each -> !KNOWN.drivers.contains(each)).toList());
  }

  /** These and others, which count for more. */
  public Drivers with(Drivers others) {
    return new Drivers(Stream.concat(others.drivers.stream(), drivers.stream()).toList());
  }

  /**
   * The profile of the first of a node's compatible strings for which a kernel has a driver that
   * has one.
   *
   * @param has whether the kernel has a symbol
   */
  Optional<DriverProfile> of(Node node, Predicate<String> has) {
    List<String> compatible =
        node.property("compatible").map(Property::asStrings).orElse(List.of());
    return compatible.stream().flatMap(each -> of(each, has).stream()).findFirst();
  }

  private Optional<DriverProfile> of(String compatible, Predicate<String> has) {
    return drivers.stream()
        .filter(each -> each.compatible().contains(compatible))
        .filter(each -> each.symbol() == null || has.test(each.symbol()))
        .findFirst();
  }

  /** The symbols by which a kernel is asked whether it has a driver. */
  Set<String> symbols() {
    return drivers.stream()
        .flatMap(each -> Optional.ofNullable(each.symbol()).stream())
        .collect(Collectors.toSet());
  }

  /** The functions by which a driver is known to return a reference. */
  Set<String> putBy() {
    return holds().map(DriverProfile.Hold::put).collect(Collectors.toSet());
  }

  /**
   * The reference that some driver takes in this way, of whatever device: a framework does it for
   * all.
   *
   * @param path the node that it is to
   */
  public Optional<NodeHold> hold(Chain chain, String path) {
    List<String> behalves = Functions.behalves(chain);
    return holds().filter(each -> behalves.contains(each.get())).findFirst().map(e -> e.of(path));
  }

  private Stream<DriverProfile.Hold> holds() {
    return drivers.stream().flatMap(each -> each.taken().stream());
  }
}
