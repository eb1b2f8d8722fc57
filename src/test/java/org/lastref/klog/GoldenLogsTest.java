package org.lastref.klog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Logs of real kernels, each with the splats that are expected of it in a file of its own: first
 * and number of lines, sign, meaning, whether the kernel goes down, title. See the README there.
 */
public class GoldenLogsTest {

  private static final Path FOLDER = Path.of("src/test/resources/klog");

  private static List<Path> logs() {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path expectedOf(Path log) {
    return log.resolveSibling(log.getFileName().toString().replace(".log", ".expected"));
  }

  @DataProvider
  public Iterator<Object[]> golden() {
    return logs().stream().map(log -> new Object[] {log.getFileName().toString()}).iterator();
  }

  @Test(dataProvider = "golden")
  public void findsWhatIsInALog(String name) throws IOException {
    Path log = FOLDER.resolve(name);
    List<String> found = Splats.in(lines(log)).stream().map(GoldenLogsTest::row).toList();
    assertEquals(String.join("\n", found), Files.readString(expectedOf(log)).stripTrailing());
  }

  @Test(dataProvider = "golden")
  public void doesNotMindWhatTheLineAdds(String name) throws IOException {
    List<String> clean = lines(FOLDER.resolve(name));
    if (clean.stream().anyMatch(line -> !LogLine.of(line).stamped() && Sign.on(line).isPresent())) {
      return; // kmemleak's file: nothing tells its lines from others
    }
    List<String> noisy = new ArrayList<>();
    for (String line : clean) {
      noisy.add((LogLine.of(line).stamped() ? "~ # ls\u0007 \u001b[J" : "") + line + "\r");
      noisy.add("~ # echo @lr7 \"$?\"\r");
    }
    assertEquals(titles(noisy), titles(clean));
  }

  /** The verdicts of stored traces hang on what a stripped line says. */
  @Test(dataProvider = "golden")
  public void findsTheSameSignsWithoutTimeStamps(String name) throws IOException {
    for (String line : lines(FOLDER.resolve(name))) {
      assertEquals(Sign.on(LogLine.of(line).text()), Sign.on(line), line);
    }
  }

  @Test
  public void knowsEachSignFromALog() throws IOException {
    Set<Sign> seen = EnumSet.noneOf(Sign.class);
    for (Path log : logs()) {
      lines(log).forEach(line -> Sign.on(line).ifPresent(seen::add));
    }
    Set<Sign> missing = EnumSet.allOf(Sign.class);
    missing.removeAll(seen);
    assertTrue(missing.isEmpty(), "no log for " + missing);
  }

  private static List<String> titles(List<String> lines) {
    return Splats.in(lines).stream()
        .map(splat -> "%s %s %d".formatted(splat.title(), splat.deadly(), splat.lines().size()))
        .toList();
  }

  private static String row(Splat splat) {
    return "%d+%d %s %s %s: %s"
        .formatted(
            splat.first() + 1,
            splat.lines().size(),
            splat.sign(),
            splat.meaning(),
            splat.deadly() ? "dead" : "goes on",
            splat.title());
  }

  private static List<String> lines(Path log) throws IOException {
    return Arrays.stream(Files.readString(log, UTF_8).split("\n", -1))
        .collect(Collectors.toCollection(ArrayList::new));
  }
}
