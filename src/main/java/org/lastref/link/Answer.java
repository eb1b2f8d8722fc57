package org.lastref.link;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;
import org.lastref.link.Courier.CycleEnd;
import org.lastref.link.Courier.Piece;
import org.lastref.link.Courier.Records;
import org.lastref.link.Courier.Reply;

/** What has come of the reply to one request. */
final class Answer {

  /** The most records that one request may bring, in bytes. */
  static final long MAX_RECORDS = 64L << 20;

  private final String board;
  private final Request request;
  private final Consumer<Piece> pieces;
  private long records;
  private int cycles;

  Answer(String board, Request request, Consumer<Piece> pieces) {
    this.board = board;
    this.request = request;
    this.pieces = pieces;
  }

  /**
   * Takes the next part.
   *
   * @return what the agent said if that was the end
   * @throws LabFault with the agent's words if it could not do what it was asked
   */
  @Nullable Reply take(Request.Part part) throws Unusable {
    String text = new String(part.bytes(), StandardCharsets.UTF_8);
    switch (part.kind()) {
      case 'D' -> {
        records += part.bytes().length;
        if (records > MAX_RECORDS) {
          throw new Unusable("more than " + (MAX_RECORDS >> 20) + " MiB of records came");
        }
        pieces.accept(new Records(part.bytes()));
        return null;
      }
      case 'C' -> {
        cycles++;
        pieces.accept(new CycleEnd(text));
        return null;
      }
      case 'R' -> {
        return reply(text);
      }
      case 'N' ->
          throw new Unusable("the agent says of what it was sent: " + Printable.text(text, 500));
      default -> throw new Unusable("a frame came of the unknown kind " + (int) part.kind());
    }
  }

  private Reply reply(String text) throws Unusable {
    // Each word has a NUL after it.
    String all = text.endsWith("\0") ? text.substring(0, text.length() - 1) : text;
    List<String> words = List.of(all.split("\0", -1));
    List<String> said = words.subList(1, words.size());
    switch (words.get(0)) {
      case "ok" -> {
        return new Reply(said);
      }
      case "error" ->
          throw new LabFault(
              "%s: the agent could not do %s: %s"
                  .formatted(board, request, Printable.text(String.join(" ", said), 2000)));
      default -> throw new Unusable("the reply is neither ok nor error: " + Printable.words(words));
    }
  }

  /** For a message: what has come until now. */
  String soFar() {
    return records == 0 && cycles == 0
        ? "nothing of its reply had come"
        : "of its reply %d cycles had ended and %d bytes of records had come"
            .formatted(cycles, records);
  }
}
