package org.lastref.report;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.lastref.fault.InputFault;

/**
 * Cases that a run has to come to. What was left out by an option, or skipped with its board, would
 * else be missing in silence:
 *
 * <pre>
 * # what every nightly run has to say something of
 * pair/system-wq/none/slow
 * mdev                        # every case whose name begins with mdev/
 * </pre>
 *
 * @param entries names of cases, or beginnings of them that end before a slash, as {@code --case}
 *     takes them
 */
public record MustRun(List<String> entries) {

  /** None. */
  public static final MustRun NOTHING = new MustRun(List.of());

  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_NAME = 200;

  public MustRun {
    entries = List.copyOf(entries);
  }

  /**
   * Reads a list of at most 1 MiB.
   *
   * @throws InputFault naming file and line if it is none
   */
  public static MustRun read(Path file) {
    try (var in = Files.newInputStream(file)) {
      var bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new InputFault(file + " is larger than 1 MiB: not a list of cases that must run");
      }
      return parse(
          file.toString(),
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      throw new InputFault(file + ": not text in UTF-8, and no list of cases that must run", e);
    } catch (IOException e) {
      throw new InputFault(
          "cannot read the list of cases that must run: " + AtomicFile.reason(file, e), e);
    }
  }

  /**
   * Reads a list: a case a line, comments from {@code #} on.
   *
   * @param name the list's, for messages
   * @throws InputFault naming it and the line
   */
  static MustRun parse(String name, String content) {
    Set<String> entries = new LinkedHashSet<>();
    int number = 0;
    for (var line : content.lines().toList()) {
      number++;
      var entry = line.replaceFirst("#.*", "").strip();
      if (entry.isEmpty()) {
        continue;
      }
      if (entry.length() > MAX_NAME || !Text.line(entry).equals(entry) || entry.contains(" ")) {
        throw new InputFault(
            "%s:%d: '%s' is no case's name: write one a line, as run.json has them under id"
                .formatted(name, number, Text.line(entry, 80)));
      }
      if (!entries.add(entry)) {
        throw new InputFault("%s:%d: %s is there twice".formatted(name, number, entry));
      }
    }
    if (entries.isEmpty()) {
      throw new InputFault(name + ": names no case that must run");
    }
    return new MustRun(new ArrayList<>(entries));
  }

  /**
   * What of the list has not run: an entry that no case is of, and each case of an entry that never
   * began or was skipped. Each is an error of a class of its own, {@code BOARD.must-run}, because a
   * skipped case is one that nobody looks at.
   *
   * @param cases of the run, so far or at its end
   * @param leftOut why a case will not run, by its id, as far as that is known
   * @param now when it was looked
   */
  List<CaseResult> missing(
      String board, Collection<CaseResult> cases, Map<String, String> leftOut, Instant now) {
    Map<String, CaseResult> missing = new TreeMap<>();
    for (var entry : entries) {
      var found = cases.stream().filter(each -> matches(entry, each.id())).toList();
      if (found.isEmpty()) {
        missing.put(
            entry,
            of(
                board,
                entry,
                "is not in this run: no case of it has that name or begins with it",
                "Choose it too (./lastref run --case %s), correct its name in the list"
                    .formatted(entry),
                "",
                now));
      }
      found.stream()
          .filter(each -> each.status() == Status.SKIPPED)
          .forEach(
              each ->
                  missing.put(
                      each.id(),
                      of(
                          board,
                          each.id(),
                          (each.notRun() ? "did not run: " : "was skipped: ")
                              + leftOut.getOrDefault(each.id(), each.headline()),
                          "Put right what kept it from running and run it again",
                          each.rerun(),
                          now)));
    }
    return List.copyOf(missing.values());
  }

  static String className(String board) {
    return board + ".must-run";
  }

  private static boolean matches(String entry, String id) {
    return id.equals(entry) || id.startsWith(entry.endsWith("/") ? entry : entry + "/");
  }

  private static CaseResult of(
      String board, String name, String why, String then, String rerun, Instant now) {
    return new CaseResult(
        new PlannedCase(
            "must-run/" + name,
            className(board),
            name,
            new TreeMap<>(Map.of("must-run", name)),
            rerun),
        Status.ERROR,
        new Try(
            now,
            Duration.ZERO,
            name + " must run and " + why,
            "Nothing is said of the kernel. " + then + ", or take it off the list.",
            List.of(),
            List.of()),
        List.of(),
        null);
  }
}
