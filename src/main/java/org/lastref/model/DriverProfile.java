package org.lastref.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.lastref.fdt.Node;
import org.lastref.fdt.Property;
import org.lastref.model.AppliedOverlay.Known;
import org.lastref.model.AppliedOverlay.NodeHold;
import org.lastref.yaml.Bounds;

/**
 * What a driver does to the references of its devices' nodes.
 *
 * @param compatible the strings by which it is told
 * @param source where that was read, or from what it was learnt
 * @param populates of which bus its probe makes devices of the nodes below; null of none
 * @param module which of {@code harness/modules} it is in; null if in none
 * @param symbol what a kernel has that has the driver; null if each of ours does
 * @param learnt whether it was learnt from cycles and not read: then it may make links too; null
 *     for not
 * @param holds the references it takes in probe, in that order, and returns when it is unbound, the
 *     last first; null for none
 */
public record DriverProfile(
    List<String> compatible,
    String source,
    @Nullable String populates,
    @Nullable String module,
    @Nullable String symbol,
    @Nullable Boolean learnt,
    @Nullable List<Hold> holds) {

  private static final String SLEEPS = "lastref,sleeps-at-release";
  private static final String SUPPLIER_PATHS = "lastref,supplier-paths";
  private static final int MOST = 64;
  private static final Pattern COMPATIBLE = Pattern.compile("[\\p{Graph}&&[^\"\\\\]]{1,128}");
  private static final Pattern LINE = Pattern.compile("\\P{Cntrl}{1,400}");
  private static final Pattern SYMBOL = Pattern.compile("[A-Za-z_][A-Za-z0-9_.]{0,127}");
  private static final Pattern MODULE = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  /** On which nodes a reference is taken. */
  public enum On {
    @JsonProperty("own-node")
    OWN_NODE,
    @JsonProperty("each-child")
    EACH_CHILD;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * A reference that a driver holds while it is bound.
   *
   * @param get the kernel function that takes it
   * @param put the kernel function that returns it
   * @param onRelease whether that is called when a device of the driver's making is released, and
   *     not by the driver itself; null for not
   */
  public record Hold(On on, String get, String put, @Nullable Boolean onRelease) {
    public Hold {
      Bounds.text("get", get, SYMBOL, "a function's name");
      Bounds.text("put", put, SYMBOL, "a function's name");
    }

    /** The one of a device's node. */
    NodeHold of(String path) {
      return new NodeHold(path, get, put, Boolean.TRUE.equals(onRelease));
    }
  }

  public DriverProfile {
    compatible = List.copyOf(compatible);
    holds = holds == null ? List.of() : List.copyOf(holds);
    Bounds.texts(
        "compatible", compatible, MOST, COMPATIBLE, "a compatible string of 1 to 128 characters");
    if (compatible.isEmpty()) {
      throw new Bounds.OutOfBounds("compatible", "is empty, a driver is told by it");
    }
    Bounds.text("source", source, LINE, "1 to 400 characters in one line");
    if (populates != null && Bus.of(populates).isEmpty()) {
      throw new Bounds.OutOfBounds("populates", "is no bus that is known, these are " + Bus.ALL);
    }
    if (module != null) {
      Bounds.text("module", module, MODULE, "a module's name");
    }
    if (symbol != null) {
      Bounds.text("symbol", symbol, SYMBOL, "a function's name");
    }
    if (holds.size() > MOST) {
      throw new Bounds.OutOfBounds("holds", "has more than " + MOST + " entries");
    }
  }

  /** Of which bus its probe makes devices of the nodes below. */
  Optional<Bus> bus() {
    return Optional.ofNullable(populates).flatMap(Bus::of);
  }

  /** How it is known. */
  Known known() {
    return Boolean.TRUE.equals(learnt) ? Known.LEARNT : Known.READ;
  }

  /** The references it takes. */
  public List<Hold> taken() {
    return Optional.ofNullable(holds).orElse(List.of());
  }

  /** The name of the module of ours that it is in, empty if in none. */
  String ours() {
    return module == null ? "" : module;
  }

  /**
   * The paths of the suppliers to which the driver links the device itself, in that order, with
   * {@code DL_FLAG_AUTOREMOVE_CONSUMER}; its probe is deferred until all are bound.
   */
  List<String> supplierPaths(Node node) {
    return module == null
        ? List.of()
        : node.property(SUPPLIER_PATHS).map(Property::asStrings).orElse(List.of());
  }

  /** Whether the device sleeps in {@code device_release()} once the driver was bound to it. */
  boolean sleepsAtRelease(Node node) {
    return module != null && node.property(SLEEPS).isPresent();
  }
}
