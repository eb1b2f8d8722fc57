package org.lastref.fdt;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.lastref.fault.InputFault;

/**
 * An overlay to be tried, compiled.
 *
 * @param name its file's name without the suffix
 * @param source the {@code .dtso}, or the {@code .dtbo} that was made of one
 * @param below those it is applied on top of, the first applied first; named one by one by the root
 *     property {@code lastref,on-top-of}, and found beside it with the same suffix
 * @param blob as {@code dtc} made it, without symbols, or as a {@link Loader} did: what is judged
 *     is what is applied, even if the file is edited meanwhile
 * @param overlay what is in it
 * @param parameters those that were set, by name, in their order; see {@link Loader}
 * @param unbound the nodes and compatible strings for which its head expects no driver: {@code //
 *     lastref: expect-unbound lr-adc vendor,chip}, with blanks between
 */
@SuppressWarnings("ArrayRecordComponent") // two are never compared
public record OverlaySource(
    String name,
    Path source,
    List<OverlaySource> below,
    byte[] blob,
    Overlay overlay,
    Map<String, String> parameters,
    List<String> unbound) {

  private static final String SUFFIX = ".dtso";
  private static final String BLOB = ".dtbo";
  private static final String VERSION = "/dts-v1/";
  private static final Pattern FILE =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]{0,60})(\\.dtso|\\.dtbo)");

  /** OVERLAY_MAX_SIZE of our patch that adds drivers/of/configfs.c. */
  private static final int MAX_SIZE = 1 << 20;

  private static final String ON_TOP_OF = "lastref,on-top-of";
  private static final int MAX_STACK = 8;

  private static final String UNBOUND = "expect-unbound";

  /** A line of the comments that a source begins with. */
  private static final Pattern TOLD =
      Pattern.compile("^[ \\t]*(?://|/?\\*+)?[ \\t]*lastref:[ \\t]*(.*?)[ \\t]*(?:\\*/)?$");

  public OverlaySource {
    below = List.copyOf(below);
    blob = blob.clone();
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    unbound = List.copyOf(unbound);
  }

  /** A copy of it. */
  @Override
  public byte[] blob() {
    return blob.clone();
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

  /** What is said before the source itself begins. */
  private static List<String> unbound(Path source) {
    List<String> unbound = new ArrayList<>();
    for (String line : head(source).lines().toList()) {
      Matcher told = TOLD.matcher(line);
      if (told.matches()) {
        List<String> words = List.of(told.group(1).split("[ \t]+"));
        if (!words.get(0).equals(UNBOUND) || words.size() == 1) {
          throw new InputFault(
              "%s: its head says \"lastref: %s\", and what it may say is \"lastref: %s NODE|COMPATIBLE...\", with blanks between"
                  .formatted(source, told.group(1), UNBOUND));
        }
        unbound.addAll(words.subList(1, words.size()));
      }
    }
    return unbound;
  }

  private static String head(Path source) {
    try (InputStream in = Files.newInputStream(source)) {
      String text = new String(in.readNBytes(MAX_SIZE), StandardCharsets.UTF_8);
      return text.substring(0, Math.max(0, text.indexOf(VERSION)));
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

  /** This one and those below it, in the order in which they are applied. */
  public List<OverlaySource> stack() {
    List<OverlaySource> stack = new ArrayList<>(below);
    stack.add(this);
    return stack;
  }

  /** The same applied after another one. */
  public OverlaySource after(OverlaySource other) {
    List<OverlaySource> before = new ArrayList<>(other.stack());
    before.addAll(below);
    return new OverlaySource(name, source, before, blob, overlay, parameters, unbound);
  }

  /**
   * Compiles every overlay in a folder, in the order of their names.
   *
   * @throws InputFault if one does not compile or is no overlay, or there is none
   */
  public static List<OverlaySource> all(Path folder) {
    return files(folder).stream().map(OverlaySource::of).toList();
  }

  /**
   * The overlays in a folder, in the order of their names.
   *
   * @throws InputFault if there is none
   */
  public static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> overlays =
          files
              .filter(file -> file.toString().endsWith(SUFFIX) || file.toString().endsWith(BLOB))
              .sorted()
              .toList();
      if (overlays.isEmpty()) {
        throw new InputFault("%s has no overlay (*%s, *%s)".formatted(folder, SUFFIX, BLOB));
      }
      return overlays;
    } catch (IOException e) {
      throw new InputFault("cannot read the overlays in %s: %s".formatted(folder, e.getMessage()));
    }
  }

  /**
   * Compiles, or reads, one overlay and those below it.
   *
   * @throws InputFault if it does not compile, is no overlay, is too large, or stands on one that
   *     is missing
   */
  public static OverlaySource of(Path source) {
    return of(source, Map.of());
  }

  /**
   * The same with some of its parameters set.
   *
   * @param parameters by name, in the order in which they are set
   * @throws InputFault also if it has no such parameters, or if their values do not fit
   */
  public static OverlaySource of(Path source, Map<String, String> parameters) {
    return of(source, parameters, 0);
  }

  /**
   * The parameters that an overlay has for a loader.
   *
   * @throws InputFault if it does not compile or is no devicetree
   */
  public static List<Loader.Setting> settings(Path source) {
    return Loader.settings(Fdt.parse(blob(source), source.toString()));
  }

  private static OverlaySource of(Path source, Map<String, String> parameters, int depth) {
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
    byte[] blob = blob(source);
    List<String> unbound = file.endsWith(SUFFIX) ? unbound(source) : List.of();
    Fdt tree = Fdt.parse(blob, source.toString());
    if (!parameters.isEmpty() || Loader.isFor(tree)) {
      blob = checked(Loader.load(tree, parameters).blob(), source);
      tree = Fdt.parse(blob, source.toString());
    }
    Optional<String> onTopOf = tree.root().property(ON_TOP_OF).flatMap(Property::asText);
    List<OverlaySource> below =
        onTopOf.map(name -> below(source, name + parts.group(2), depth)).orElse(List.of());
    return new OverlaySource(
        parts.group(1), source, below, blob, Overlay.of(tree), parameters, unbound);
  }

  /** The name comes from the overlay, so it is checked before it is taken for a file's. */
  private static List<OverlaySource> below(Path source, String file, int depth) {
    if (!FILE.matcher(file).matches()) {
      throw new InputFault("%s: %s names no overlay".formatted(source, ON_TOP_OF));
    }
    return of(source.resolveSibling(file), Map.of(), depth + 1).stack();
  }
}
