package org.lastref.board;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.InputFault;

/** The boards that a folder's files describe, {@code NAME.yaml} each, and how they are chosen. */
public final class Boards {

  private static final String YAML = ".yaml";

  /** By name, sorted. */
  private final Map<String, Entry> entries = new TreeMap<>();

  /**
   * A file.
   *
   * @param board null if it is broken
   * @param problem what is wrong with it, or empty
   */
  public record Entry(String name, Path file, @Nullable BoardDefinition board, String problem) {

    /** What it describes. */
    public Optional<BoardDefinition> definition() {
      return Optional.ofNullable(board);
    }

    private BoardDefinition chosen() {
      if (board == null) {
        throw new InputFault(problem);
      }
      return board;
    }
  }

  private Boards() {}

  /**
   * Reads all files of a folder. A broken one is a fault only if it is chosen.
   *
   * @throws InputFault if the folder cannot be read
   */
  public static Boards in(Path folder) {
    Boards boards = new Boards();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + YAML)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        name = name.substring(0, name.length() - YAML.length());
        boards.entries.put(name, entry(name, file));
      }
    } catch (IOException e) {
      throw new InputFault("cannot read the boards in %s: %s".formatted(folder, e), e);
    }
    return boards;
  }

  private static Entry entry(String name, Path file) {
    try {
      BoardDefinition board = BoardDefinition.load(file);
      if (!board.name().equals(name)) {
        String problem =
            "%s: it describes board %s, so it must be called %s.yaml"
                .formatted(file, board.name(), board.name());
        return new Entry(name, file, null, problem);
      }
      return new Entry(name, file, board, "");
    } catch (InputFault e) {
      return new Entry(name, file, null, e.getMessage());
    }
  }

  /** All files, by name. */
  public List<Entry> entries() {
    return List.copyOf(entries.values());
  }

  /**
   * The board of that name.
   *
   * @throws InputFault if there is none, or its file is broken
   */
  public BoardDefinition named(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw unknown(name);
    }
    return entry.chosen();
  }

  /**
   * The boards that words choose, in their order: a name, a label for every board that has it, or a
   * YAML file anywhere. A board that several labels choose comes once.
   *
   * @throws InputFault if a word means nothing, a board is named twice, or its file is broken
   */
  public List<BoardDefinition> chosen(Collection<String> words) {
    Map<String, BoardDefinition> chosen = new LinkedHashMap<>();
    List<String> named = new ArrayList<>();
    for (String word : words) {
      Entry entry = entries.get(word);
      if (entry != null || word.endsWith(YAML)) {
        BoardDefinition board =
            entry == null ? BoardDefinition.load(Path.of(word)) : entry.chosen();
        if (named.contains(board.name())) {
          throw new InputFault(
              "board %s is chosen twice: a board does one thing at a time".formatted(board.name()));
        }
        named.add(board.name());
        chosen.put(board.name(), board);
      } else {
        labelled(word).forEach(board -> chosen.putIfAbsent(board.name(), board));
      }
    }
    return List.copyOf(chosen.values());
  }

  private List<BoardDefinition> labelled(String label) {
    List<BoardDefinition> boards =
        entries.values().stream()
            .flatMap(entry -> entry.definition().stream())
            .filter(board -> board.labels().contains(label))
            .toList();
    if (boards.isEmpty()) {
      throw unknown(label);
    }
    return boards;
  }

  private InputFault unknown(String word) {
    TreeSet<String> labels = new TreeSet<>();
    entries.values().forEach(e -> e.definition().ifPresent(b -> labels.addAll(b.labels())));
    return new InputFault(
        "there is no board %s: boards are %s; labels are %s"
            .formatted(word, String.join(", ", entries.keySet()), String.join(", ", labels)));
  }
}
