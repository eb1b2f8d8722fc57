package org.lastref.fault;

/**
 * A kernel panicked before its init was up. For most cases that is the lab's; for some, the answer.
 */
public final class BootPanic extends LabFault {

  private final String said;

  /**
   * @param board the board's name
   * @param said the line in which the kernel says so
   * @param console its last lines, indented
   */
  public BootPanic(String board, String said, String console) {
    super("Board %s did not boot: %s%n%s".formatted(board, said, console));
    this.said = said;
  }

  /** The line in which the kernel says so. */
  public String said() {
    return said;
  }
}
