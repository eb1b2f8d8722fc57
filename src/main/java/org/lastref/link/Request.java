package org.lastref.link;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What an agent is asked to do: words, and the content that goes before them. */
final class Request {

  /** The most that words may have in all, in bytes: they go in one frame. */
  static final int MAX_WORDS = 64 << 10;

  private final List<String> words;
  private final byte[] encoded;
  private final byte[] content;

  Request(List<String> words, byte[] content) {
    if (words.isEmpty() || words.stream().anyMatch(word -> word.indexOf('\0') >= 0)) {
      throw new IllegalArgumentException("a request has words, and no NUL in them: " + words);
    }
    this.words = List.copyOf(words);
    this.content = content;
    encoded = (String.join("\0", words) + "\0").getBytes(StandardCharsets.UTF_8);
    if (encoded.length > MAX_WORDS) {
      throw new IllegalArgumentException(
          "the request %s has %d bytes, at most %d".formatted(this, encoded.length, MAX_WORDS));
    }
  }

  /** All of it in parts of at most so many bytes: the content, then the words. */
  List<Part> parts(int most) {
    List<Part> parts = new ArrayList<>();
    cut('F', content, most, parts);
    cut('Q', encoded, most, parts);
    return parts;
  }

  private static void cut(char kind, byte[] bytes, int most, List<Part> parts) {
    for (int from = 0; from < bytes.length; from += most) {
      parts.add(
          new Part(kind, Arrays.copyOfRange(bytes, from, Math.min(from + most, bytes.length))));
    }
  }

  /** For a message. */
  @Override
  public String toString() {
    return Printable.words(words);
  }

  /**
   * A part of a request, or of a reply.
   *
   * @param kind F for content, Q for words; D, C and R of a reply
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Part(char kind, byte[] bytes) {}
}
