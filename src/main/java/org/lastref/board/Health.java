package org.lastref.board;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.lastref.fault.LabFault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a board fared last, kept beside its lease as {@code NAME.health} for all users of the host.
 *
 * @param notes the last of each kind
 */
public record Health(Map<Kind, Note> notes) {

  /** What is kept. */
  public enum Kind {
    /** It came up and was switched off in good order. */
    GOOD,
    /** It failed: did not boot, hung, was given up. */
    FAULT,
    /** It is not to be used until someone has looked at it. */
    QUARANTINED,
    /** What a run on it came to. */
    RUN
  }

  /**
   * What was noted.
   *
   * @param what printable ASCII of at most 500 characters
   */
  public record Note(Instant when, String what) {
    public Note {
      String cut = what.substring(0, Math.min(500, what.length()));
      what = cut.replaceAll("[^\\x21-\\x7e]+", " ").strip();
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(Health.class);
  private static final JsonMapper JSON = new JsonMapper();

  public Health {
    notes = Map.copyOf(notes);
  }

  /** The last of a kind. */
  public Optional<Note> last(Kind kind) {
    return Optional.ofNullable(notes.get(kind));
  }

  /** Whether it is not to be used. */
  public boolean isQuarantined() {
    return notes.containsKey(Kind.QUARANTINED);
  }

  /** What is known of a board; nothing if nobody used it, or what is written cannot be read. */
  public static Health of(Leases leases, String board) {
    Optional<LockFile> there = LockFile.existing(leases.healthFile(board));
    if (there.isEmpty()) {
      return new Health(Map.of());
    }
    try (LockFile file = there.get()) {
      return file.behindDoor(() -> parse(file.content()));
    }
  }

  /**
   * Notes something, in place of what was noted of that kind before. A lab that cannot keep it goes
   * on without.
   *
   * @param what one line for a person
   */
  public static void record(Leases leases, String board, Kind kind, String what) {
    change(leases, board, notes -> notes.put(kind, now(what)));
  }

  /** It may be used again. */
  public static void release(Leases leases, String board) {
    change(leases, board, notes -> notes.remove(Kind.QUARANTINED));
  }

  private static Note now(String what) {
    return new Note(Instant.now().truncatedTo(ChronoUnit.MILLIS), what);
  }

  private interface Change {
    void apply(Map<Kind, Note> notes);
  }

  private static void change(Leases leases, String board, Change change) {
    try (LockFile file = LockFile.open(leases.healthFile(board))) {
      file.behindDoor(
          () -> {
            Map<Kind, Note> notes = new EnumMap<>(Kind.class);
            notes.putAll(parse(file.content()).notes());
            change.apply(notes);
            file.write(toJson(notes));
            return file;
          });
    } catch (LabFault e) {
      LOG.warn("The health of board {} is not kept: {}", board, e.getMessage());
    }
  }

  private static String toJson(Map<Kind, Note> notes) {
    ObjectNode node = JSON.createObjectNode();
    notes.forEach(
        (kind, note) ->
            node.putObject(kind.name()).put("when", note.when.toString()).put("what", note.what));
    return node.toPrettyString() + "\n";
  }

  private static Health parse(String text) {
    Map<Kind, Note> notes = new EnumMap<>(Kind.class);
    try {
      JsonNode node = JSON.readTree(text);
      for (Kind kind : Kind.values()) {
        JsonNode note = node.path(kind.name());
        if (note.isObject()) {
          notes.put(
              kind,
              new Note(Instant.parse(note.path("when").asText()), note.path("what").asText()));
        }
      }
    } catch (JsonProcessingException | DateTimeParseException e) {
      // Anyone can write there; what makes no sense is not known.
      LOG.debug("A health record cannot be read", e);
    }
    return new Health(notes);
  }
}
