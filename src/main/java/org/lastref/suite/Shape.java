package org.lastref.suite;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
 * @param source the {@code .dtso}, or the {@code .dtbo} that was made of one
 * @param below the shapes it is applied on top of, the first applied first; named one by one by the
 *     root property {@code lastref,on-top-of}, and found beside it with the same suffix
 * @param overlay as {@code dtc} made it, without symbols
 */
public record Shape(String name, Path source, List<Shape> below, Overlay overlay) {

  private static final String SUFFIX = ".dtso";
  private static final Pattern FILE =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]{0,60})(\\.dtso|\\.dtbo)");

  /** OVERLAY_MAX_SIZE of our patch that adds drivers/of/configfs.c. */
  private static final int MAX_SIZE = 1 << 20;

  private static final String ON_TOP_OF = "lastref,on-top-of";
  private static final int MAX_STACK = 8;

  public Shape {
    below = List.copyOf(below);
  }

  /** The blob, compiled or read afresh. */
  byte[] blob() {
    return blob(source);
  }

  private static byte[] blob(Path source) {
    if (source.toString().endsWith(SUFFIX)) {
      return checked(new OverlayCompiler().compile(source, false), source);
    }
    try (InputStream in = Files.newInputStream(source)) {
      return checked(in.readNBytes(MAX_SIZE + 1), source);
    } catch (IOException e) {
      throw new InputFault("cannot read overlay %s: %s".formatted(source, e.getMessage()), e);
    }
  }

  private static byte[] checked(byte[] blob, Path source) {
    if (blob.length > MAX_SIZE) {
      throw new InputFault(
          "%s: as a blob it has more than the %d bytes that the board's kernel takes"
              .formatted(source, MAX_SIZE));
    }
    return blob;
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
   * Compiles, or reads, one shape and those below it.
   *
   * @throws InputFault if it does not compile, is no overlay, is too large, or stands on one that
   *     is missing
   */
  public static Shape of(Path source) {
    return of(source, 0);
  }

  private static Shape of(Path source, int depth) {
    String file = source.getFileName().toString();
    Matcher parts = FILE.matcher(file);
    if (!parts.matches()) {
      throw new InputFault(
          "%s: an overlay is named NAME.dtso or NAME.dtbo, of letters, digits, dots and dashes"
              .formatted(source));
    }
    if (!Files.isRegularFile(source)) {
      throw new InputFault("%s: there is no such overlay".formatted(source));
    }
    if (depth == MAX_STACK) {
      throw new InputFault(
          "%s: overlays are stacked more than %d high".formatted(source, MAX_STACK));
    }
    Fdt tree = Fdt.parse(blob(source), source.toString());
    Optional<String> onTopOf = tree.root().property(ON_TOP_OF).flatMap(Property::asText);
    List<Shape> below =
        onTopOf.map(name -> below(source, name + parts.group(2), depth)).orElse(List.of());
    return new Shape(parts.group(1), source, below, Overlay.of(tree));
  }

  /** The name comes from the overlay, so it is checked before it is taken for a file's. */
  private static List<Shape> below(Path source, String file, int depth) {
    if (!FILE.matcher(file).matches()) {
      throw new InputFault("%s: %s names no overlay".formatted(source, ON_TOP_OF));
    }
    return of(source.resolveSibling(file), depth + 1).stack();
  }
}
