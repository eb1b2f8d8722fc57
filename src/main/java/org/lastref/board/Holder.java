package org.lastref.board;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Who has a board. What another user's process wrote: every text is printable ASCII, however it
 * came, and cut at 300 characters.
 *
 * @param host the machine
 * @param pid the process there
 * @param since by that machine's clock
 * @param command what it was started with
 * @param folder where its results go, or empty
 * @param console the Unix socket at which its console can be had, or empty
 */
public record Holder(
    String user,
    String host,
    long pid,
    Instant since,
    String command,
    String folder,
    String console) {

  private static final int MAX_TEXT = 300;
  private static final JsonMapper JSON = new JsonMapper();

  public Holder {
    user = printable(user);
    host = printable(host);
    command = printable(command);
    folder = printable(folder);
    console = printable(console);
  }

  /** This process, from now on. */
  public static Holder here(List<String> command, String folder) {
    return new Holder(
        System.getProperty("user.name", ""),
        thisHost(),
        ProcessHandle.current().pid(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS),
        String.join(" ", command),
        folder,
        "");
  }

  Holder consoleAt(Path socket) {
    return new Holder(user, host, pid, since, command, folder, socket.toString());
  }

  /** This machine's name. */
  static String thisHost() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }

  /** Whether it is on this machine. */
  public boolean isHere() {
    return host.equals(printable(thisHost()));
  }

  private static String printable(String text) {
    String cut = text.substring(0, Math.min(MAX_TEXT, text.length()));
    return cut.replaceAll("[^\\x20-\\x7e]", "?");
  }

  String toJson() {
    ObjectNode node = JSON.createObjectNode();
    node.put("user", user).put("host", host).put("pid", pid).put("since", since.toString());
    node.put("command", command).put("folder", folder).put("console", console);
    return node + "\n";
  }

  /** Reads it; what cannot be read is told as unknown, for someone does hold the board. */
  static Holder parse(String text) {
    try {
      JsonNode node = JSON.readTree(text);
      return new Holder(
          node.path("user").asText("?"),
          node.path("host").asText("?"),
          node.path("pid").asLong(),
          Instant.parse(node.path("since").asText()),
          node.path("command").asText(),
          node.path("folder").asText(),
          node.path("console").asText());
    } catch (JsonProcessingException | DateTimeParseException e) {
      return new Holder("?", "?", 0, Instant.EPOCH, "", "", "");
    }
  }

  /** For example {@code ann on lab1 since 2026-01-31T12:00:00Z, process 4711: ./lastref run}. */
  @Override
  public String toString() {
    return "%s on %s since %s, process %d: %s".formatted(user, host, since, pid, command);
  }
}
