package org.lastref.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.lastref.fault.InputFault;
import org.lastref.fdt.Fdt;
import org.lastref.fdt.Overlay;
import org.lastref.fdt.OverlayCompiler;
import org.lastref.fdt.Property;

/**
 * An overlay to be tried, compiled.
 *
 * @param name its file's name without the suffix
 * @param source the {@code .dtso}
 * @param below the shapes it is applied on top of, the first applied first; named one by one by the
 *     root property {@code lastref,on-top-of}
 * @param overlay as {@code dtc} made it, without symbols
 */
public record Shape(String name, Path source, List<Shape> below, Overlay overlay) {

  private static final String SUFFIX = ".dtso";
  private static final String ON_TOP_OF = "lastref,on-top-of";
  private static final int MAX_STACK = 8;

  public Shape {
    below = List.copyOf(below);
  }

  /** The blob, compiled afresh. */
  byte[] blob() {
    return compiled(source);
  }

  private static byte[] compiled(Path source) {
    return new OverlayCompiler().compile(source, false);
  }

  /** This shape and those below it, in the order in which they are applied. */
  public List<Shape> stack() {
    List<Shape> stack = new ArrayList<>(below);
    stack.add(this);
    return stack;
  }

  /**
   * Compiles every shape in a folder, in the order of their names.
   *
   * @throws InputFault if one does not compile or is no overlay, or there is none
   */
  public static List<Shape> all(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      List<Shape> shapes =
          files.filter(file -> file.toString().endsWith(SUFFIX)).sorted().map(Shape::of).toList();
      if (shapes.isEmpty()) {
        throw new InputFault("%s has no overlay (*%s)".formatted(folder, SUFFIX));
      }
      return shapes;
    } catch (IOException e) {
      throw new InputFault("cannot read the overlays in %s: %s".formatted(folder, e.getMessage()));
    }
  }

  /**
   * Compiles one shape and those below it.
   *
   * @throws InputFault if it does not compile, is no overlay, or stands on one that is missing
   */
  public static Shape of(Path source) {
    return of(source, 0);
  }

  private static Shape of(Path source, int depth) {
    String file = source.getFileName().toString();
    if (!file.endsWith(SUFFIX) || !file.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,60}")) {
      throw new InputFault(
          "%s: an overlay's source is named NAME%s, of letters, digits, dots and dashes"
              .formatted(source, SUFFIX));
    }
    if (!Files.isReadable(source)) {
      throw new InputFault("%s: there is no such overlay".formatted(source));
    }
    if (depth == MAX_STACK) {
      throw new InputFault(
          "%s: overlays are stacked more than %d high".formatted(source, MAX_STACK));
    }
    Fdt tree = Fdt.parse(compiled(source), source.toString());
    Optional<String> onTopOf = tree.root().property(ON_TOP_OF).flatMap(Property::asText);
    List<Shape> below =
        onTopOf
            .map(name -> of(source.resolveSibling(name + SUFFIX), depth + 1).stack())
            .orElse(List.of());
    String name = file.substring(0, file.length() - SUFFIX.length());
    return new Shape(name, source, below, Overlay.of(tree));
  }
}
