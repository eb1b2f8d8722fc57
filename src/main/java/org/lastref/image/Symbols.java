package org.lastref.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;

/**
 * What a kernel has, by its {@code System.map}, which is read when the first symbol is asked for.
 * Safe for use by several threads.
 */
public final class Symbols {

  /** In bytes; the map of a distribution's kernel has some 10 MiB. */
  private static final int MAX_MAP = 64 << 20;

  private static final Pattern LINE = Pattern.compile("([0-9a-f]{8,16}) [A-Za-z] .*");

  private final Path file;
  private @Nullable String text;

  private Symbols(Path file, @Nullable String text) {
    this.file = file;
    this.text = text;
  }

  /** Of a map in a file. */
  static Symbols in(Path file) {
    return new Symbols(file, null);
  }

  /** Of a map as it is printed: an address, a letter and a name a line. */
  public static Symbols of(String map) {
    return new Symbols(Path.of("System.map"), map);
  }

  /**
   * Whether there is a symbol of that name, local or global; the compiler may have put a suffix to
   * it, such as {@code .isra.0}.
   *
   * @throws LabFault if the map cannot be read
   */
  public boolean has(String symbol) {
    return !addresses(symbol).isEmpty() || map().contains(" " + symbol + ".");
  }

  /**
   * Where a symbol is, as {@code 0x…}; empty if there is none of that name.
   *
   * @throws LabFault if the map cannot be read, or has several of that name
   */
  public Optional<String> address(String symbol) {
    List<String> addresses = addresses(symbol);
    if (addresses.size() > 1) {
      throw new LabFault("%s has %d symbols %s".formatted(file, addresses.size(), symbol));
    }
    return addresses.stream().map(address -> "0x" + address).findFirst();
  }

  /** Of every one of that name: that of a local symbol need not be the only one. */
  private List<String> addresses(String symbol) {
    String map = map();
    String end = " " + symbol + "\n";
    List<String> found = new ArrayList<>();
    for (int at = map.indexOf(end); at >= 0; at = map.indexOf(end, at + 1)) {
      String line = map.substring(map.lastIndexOf('\n', at) + 1, at + end.length() - 1);
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        throw damaged("this is no line of such a map: " + line, null);
      }
      found.add(matcher.group(1));
    }
    return found;
  }

  private synchronized String map() {
    if (text == null) {
      try (InputStream in = Files.newInputStream(file)) {
        byte[] bytes = in.readNBytes(MAX_MAP + 1);
        if (bytes.length == 0 || bytes.length > MAX_MAP) {
          throw damaged(bytes.length == 0 ? "empty" : "larger than any map", null);
        }
        text = new String(bytes, StandardCharsets.ISO_8859_1);
      } catch (IOException e) {
        throw damaged(e.getMessage(), e);
      }
    }
    return text;
  }

  private LabFault damaged(@Nullable String how, @Nullable IOException why) {
    return new LabFault(
        "%s is damaged (%s): delete the kernel's folder and start again".formatted(file, how), why);
  }
}
