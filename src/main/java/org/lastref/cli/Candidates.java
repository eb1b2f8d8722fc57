package org.lastref.cli;

import java.util.Iterator;
import java.util.List;

/** The words that an option takes, for help and completion: those of values. */
abstract class Candidates implements Iterable<String> {

  private final List<String> words;

  Candidates(List<?> values) {
    words = values.stream().map(Object::toString).toList();
  }

  @Override
  public Iterator<String> iterator() {
    return words.iterator();
  }
}
