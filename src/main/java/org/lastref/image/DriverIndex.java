package org.lastref.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;

/**
 * The drivers in a kernel's sources, as {@code harness/kernel/drivers} finds them, and which of
 * them the kernel has. They are looked for when one is first asked for, which takes half a minute
 * if these sources never were looked through. For any thread.
 */
public final class DriverIndex {

  /** Of lines: the sources of 6.1 make 12,000. */
  private static final int MOST = 200_000;

  private final Supplier<Path> found;
  private final Path config;
  private @Nullable Path index;

  /**
   * @param found finds them, and gives the file that they are in
   * @param config the kernel's configuration
   */
  DriverIndex(Supplier<Path> found, Path config) {
    this.found = found;
    this.config = config;
  }

  /**
   * A driver that knows a compatible string.
   *
   * @param source its file
   * @param options those that have it built, any of them; empty if its Makefiles name none
   * @param built whether one of them is set
   */
  public record Driver(String source, List<String> options, boolean built) {
    public Driver {
      options = List.copyOf(options);
    }
  }

  /**
   * Looks drivers up.
   *
   * @param compatible what nodes are compatible with
   * @return for each, the drivers that know it, if any
   * @throws org.lastref.fault.Fault if the sources are not there any more, or cannot be looked
   *     through
   */
  public synchronized Map<String, List<Driver>> of(Collection<String> compatible) {
    Path file = index == null ? found.get() : index;
    index = file;
    Map<String, List<Driver>> drivers = new LinkedHashMap<>();
    compatible.forEach(each -> drivers.put(each, new ArrayList<>()));
    Set<String> built =
        lines(config).filter(line -> line.endsWith("=y")).collect(Collectors.toSet());
    lines(file)
        .map(line -> line.split("\t", -1))
        .filter(parts -> parts.length == 3)
        .forEach(
            parts ->
                drivers.computeIfPresent(
                    parts[0],
                    (string, known) -> {
                      known.add(driver(parts[1], parts[2], built));
                      return known;
                    }));
    return drivers;
  }

  private static Driver driver(String source, String words, Set<String> built) {
    List<String> options = words.equals("-") ? List.of() : List.of(words.split(" "));
    boolean has = options.stream().anyMatch(option -> built.contains(option + "=y"));
    return new Driver(source, options, has);
  }

  private static Stream<String> lines(Path file) {
    try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
      return lines.limit(MOST).toList().stream();
    } catch (IOException | UncheckedIOException e) {
      throw new LabFault(
          "cannot read which drivers there are in %s: %s".formatted(file, e.getMessage()), e);
    }
  }
}
