package org.lastref.lab;

import java.util.List;

/**
 * What came of an overlay that was applied and removed.
 *
 * @param cycles how often it was; a cycle that is not as it should be is the last
 * @param isClean whether each was as the kernel's model has it, no node was reported, and every
 *     reference was given back
 * @param verdict in a word, as {@code ./lastref run} prints it
 * @param sentence the verdict in one sentence
 * @param detail why, several lines, or empty
 * @param holders who held what when the first removal began
 */
public record Removal(
    int cycles,
    boolean isClean,
    String verdict,
    String sentence,
    String detail,
    List<Holder> holders) {

  /**
   * A reference that was out.
   *
   * @param object the name of the node or device that it is to
   * @param function the kernel's, which took it
   * @param device the device that this was done for; empty if it was for none
   * @param driver that device's; empty if that is not known
   */
  public record Holder(String object, String function, String device, String driver) {}

  public Removal {
    holders = List.copyOf(holders);
  }

  /** The verdict, its sentence and why, for an assertion that fails. */
  @Override
  public String toString() {
    return "%s: %s%n%s".formatted(verdict, sentence, detail);
  }
}
