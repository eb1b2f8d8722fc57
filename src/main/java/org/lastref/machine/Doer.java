package org.lastref.machine;

/**
 * Who does something, as far as it can be seen.
 *
 * @param words as a person reads it, such as {@code the remover}
 */
public record Doer(String words) {

  @Override
  public String toString() {
    return words;
  }
}
