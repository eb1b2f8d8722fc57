package org.lastref.link;

/**
 * A two-way stream of bytes to a board. One thread reads, any thread writes, {@link #close} may
 * come from any thread and ends a read within 200 ms.
 */
public interface Line extends AutoCloseable {

  /**
   * How a person would call it, such as {@code serial /dev/pts/3} or {@code ssh 127.0.0.1:2222}.
   */
  String name();

  /**
   * Reads what is there, waiting at most about 100 ms.
   *
   * @return the number of bytes read, 0 if none came in time, -1 when the other side is gone
   */
  int read(byte[] buffer);

  /**
   * Writes all bytes.
   *
   * @throws org.lastref.fault.LabFault if the other side does not take them in time or is gone
   */
  void write(byte[] bytes);

  /** Bits a second, ten of them a byte; at least as many as the line really carries. */
  default int baud() {
    return 115_200;
  }

  /** Holds the line in the break state for a moment, where it has one. */
  default void sendBreak() {}

  @Override
  void close();
}
