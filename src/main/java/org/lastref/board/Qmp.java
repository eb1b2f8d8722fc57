package org.lastref.board;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.lastref.fault.LabFault;
import org.lastref.yaml.Durations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client of the QEMU Machine Protocol: one JSON object a line in each direction, one command at a
 * time. A daemon thread reads until QEMU's end closes.
 *
 * <p>The protocol is described in QEMU's {@code docs/interop/qmp-spec.txt}.
 */
final class Qmp {

  private static final Logger LOG = LoggerFactory.getLogger(Qmp.class);
  private static final JsonNode GONE = MissingNode.getInstance();

  private final JsonMapper mapper = new JsonMapper();
  private final String board;
  private final OutputStream to;
  private final BlockingQueue<JsonNode> replies = new LinkedBlockingQueue<>();
  private final CompletableFuture<String> guestShutdown = new CompletableFuture<>();
  private int lastId;

  Qmp(String board, OutputStream to, InputStream from) {
    this.board = board;
    this.to = to;
    Thread reader = new Thread(() -> read(from), "qmp-" + board);
    reader.setDaemon(true);
    reader.start();
  }

  /** Waits for QEMU's greeting and enters command mode. */
  JsonNode negotiate(Duration limit) {
    reply("its greeting", 0, limit);
    return execute("qmp_capabilities", Map.of(), limit);
  }

  /**
   * Runs a command.
   *
   * @return its {@code return} value
   * @throws LabFault if QEMU refuses it, is gone, or does not answer within the limit
   */
  synchronized JsonNode execute(String command, Map<String, ?> arguments, Duration limit) {
    ObjectNode request = mapper.createObjectNode().put("execute", command).put("id", ++lastId);
    request.set("arguments", mapper.valueToTree(arguments));
    try {
      to.write((request + "\n").getBytes(StandardCharsets.UTF_8));
      to.flush();
    } catch (IOException e) {
      throw new LabFault("QEMU of board %s is gone, asked for %s".formatted(board, command), e);
    }
    JsonNode reply = reply("an answer to " + command, lastId, limit);
    if (!reply.has("return")) {
      throw new LabFault(
          "QEMU of board %s refused %s: %s"
              .formatted(board, command, reply.at("/error/desc").asText(reply.toString())));
    }
    return reply.path("return");
  }

  /** Completes with QEMU's reason once the guest has reset or switched itself off. */
  CompletableFuture<String> guestShutdown() {
    return guestShutdown;
  }

  private JsonNode reply(String what, int id, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    try {
      while (true) {
        JsonNode reply = replies.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (reply == null) {
          throw new LabFault(
              "QEMU of board %s did not give %s within %s"
                  .formatted(board, what, Durations.format(limit)));
        } else if (reply.isMissingNode()) {
          replies.add(GONE);
          throw new LabFault("QEMU of board %s ended, waited for %s".formatted(board, what));
        } else if (reply.path("id").asInt() == id) {
          return reply;
        }
        // Else it answers a command that was given up.
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabFault(
          "Interrupted, QEMU of board %s had not given %s".formatted(board, what), e);
    }
  }

  private void read(InputStream from) {
    try (var lines = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        // QEMU also prints here the name of a pty it has opened.
        if (line.startsWith("{")) {
          accept(mapper.readTree(line));
        }
      }
    } catch (JsonProcessingException e) {
      LOG.warn("QEMU of board {} does not speak QMP: {}", board, e.getOriginalMessage());
    } catch (IOException e) {
      LOG.debug("QEMU of board {} closed its end", board, e);
    } finally {
      replies.add(GONE);
    }
  }

  private void accept(JsonNode message) {
    String event = message.path("event").asText();
    if (event.isEmpty()) {
      replies.add(message);
    } else if (event.equals("SHUTDOWN") && message.at("/data/guest").asBoolean()) {
      guestShutdown.complete(message.at("/data/reason").asText());
    } else {
      LOG.debug("QEMU of board {}: {}", board, message);
    }
  }
}
