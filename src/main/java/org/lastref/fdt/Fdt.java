package org.lastref.fdt;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.InputFault;

/** A devicetree, read from a blob or made by applying an overlay to one. Does not change. */
public final class Fdt {
  /** The largest blob read, in bytes: {@code MAX_FDT_SIZE} of arm64 in Linux 6.1.192. */
  public static final int MAX_SIZE = 2 << 20;

  /** The most nodes in one blob; boards have a few hundred, the largest SoCs some thousands. */
  public static final int MAX_NODES = 16_384;

  /**
   * The most nodes on the way from the root to a leaf, both counted: {@code unflatten_dt_nodes()}
   * in {@code drivers/of/fdt.c} of Linux 6.1.192 leaves out what is nested deeper.
   */
  public static final int MAX_DEPTH = 63;

  private final String name;
  private final int bootCpu;
  private final List<Reservation> reservations;
  private final Node root;
  private final Map<Long, String> phandles = new HashMap<>();
  private final Map<String, String> symbols;

  Fdt(String name, int bootCpu, List<Reservation> reservations, Node root) {
    this.name = name;
    this.bootCpu = bootCpu;
    this.reservations = List.copyOf(reservations);
    this.root = root;
    root.walk("/", (path, node) -> phandles.putIfAbsent(node.phandle(), path));
    phandles.remove(0L);
    Map<String, String> labels = new LinkedHashMap<>();
    root.child("__symbols__")
        .ifPresent(
            node ->
                node.properties()
                    .forEach(p -> p.asText().ifPresent(path -> labels.put(p.name(), path))));
    this.symbols = Collections.unmodifiableMap(labels);
  }

  /**
   * Reads a flattened devicetree of version 16 or 17, or a later one that says it can be read as
   * 17. Bytes after the size that its header states are ignored, as the kernel does.
   *
   * @param name what messages call the blob
   * @throws InputFault naming the byte and what is wrong with it
   */
  public static Fdt parse(byte[] blob, String name) {
    return new FdtReader(blob, name).read();
  }

  /**
   * Reads a blob from a file, see {@link #parse}.
   *
   * @throws InputFault also where the file cannot be read
   */
  public static Fdt read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return parse(in.readNBytes(MAX_SIZE + 1), file.toString());
    } catch (IOException e) {
      throw new InputFault("cannot read devicetree blob " + file + ": " + e, e);
    }
  }

  /** The tree as a blob. */
  public byte[] blob() {
    return FdtWriter.write(this);
  }

  /** What messages call this tree: a file, or several joined by {@code +}. */
  public String name() {
    return name;
  }

  /** The physical id of the CPU that boots. */
  public int bootCpu() {
    return bootCpu;
  }

  public List<Reservation> reservations() {
    return reservations;
  }

  public Node root() {
    return root;
  }

  /** The node at a path; see {@link #pathOf(String)} for what a path may be. */
  public Optional<Node> find(String path) {
    return Optional.ofNullable(locate(path)).map(Located::node);
  }

  /**
   * The full path of the node that the kernel finds by {@code path}: {@code /soc/serial@9000000},
   * an alias such as {@code serial0}, or an alias and what is below it; options after a colon are
   * ignored. As {@code of_find_node_opts_by_path()} in {@code drivers/of/base.c} of Linux 6.1.192.
   */
  public Optional<String> pathOf(String path) {
    return Optional.ofNullable(locate(path)).map(Located::path);
  }

  /** The path of the first node with this phandle. */
  public Optional<String> pathOf(long phandle) {
    return Optional.ofNullable(phandles.get(phandle));
  }

  /** The largest phandle, 0 where there is none. */
  public long maxPhandle() {
    return phandles.keySet().stream()
        .filter(p -> p != Resolver.PHANDLE_ILLEGAL)
        .max(Long::compare)
        .orElse(0L);
  }

  /** Whether there is a node {@code /__symbols__}, as {@code dtc -@} makes it. */
  public boolean hasSymbols() {
    return root.child("__symbols__").isPresent();
  }

  /** The paths in {@code /__symbols__} by label, in the order of the blob. */
  public Map<String, String> symbols() {
    return symbols;
  }

  /**
   * The tree after the overlay has been applied; this one stays as it is.
   *
   * @throws InputFault where the kernel would refuse the overlay's changeset
   */
  public Fdt apply(ResolvedOverlay overlay) {
    return new Merge(this, overlay).merged();
  }

  private record Located(String path, Node node) {}

  private @Nullable Located locate(String path) {
    if (path.equals("/")) {
      return new Located("/", root);
    }
    if (path.startsWith("/")) {
      return locate(new Located("/", root), path);
    }
    String alias = path.split("[/:]", 2)[0];
    String target =
        root.child("aliases")
            .flatMap(node -> node.property(alias))
            .flatMap(Property::asText)
            .orElse("");
    // An alias of an alias may lead back to itself.
    Located start = target.startsWith("/") ? locate(target) : null;
    return start == null ? null : locate(start, path.substring(alias.length()));
  }

  private static @Nullable Located locate(Located start, String path) {
    List<String> steps = OfPath.steps(path);
    if (steps == null) {
      return null;
    }
    Located at = start;
    for (String step : steps) {
      Node child = at.node().child(step).orElse(null);
      if (child == null) {
        return null;
      }
      at = new Located(OfPath.join(at.path(), step), child);
    }
    return at;
  }

  @Override
  public String toString() {
    return name;
  }
}
