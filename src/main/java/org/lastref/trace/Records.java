package org.lastref.trace;

import java.io.IOException;
import java.io.OutputStream;

/**
 * What was watched on a board, as whoever watched it brought it: kept with a run's results as it
 * is, and read from there or at once.
 */
public interface Records {

  /** The version of a {@link StoredTrace} that has such records. */
  int version();

  /** Writes them as they are stored, behind a trace's header. */
  void write(OutputStream out) throws IOException;

  /**
   * Reads them.
   *
   * @param name what messages call the trace
   * @throws org.lastref.fault.LabFault if anything was lost, or they are damaged: then they prove
   *     nothing about the kernel
   */
  Trace read(String name);
}
