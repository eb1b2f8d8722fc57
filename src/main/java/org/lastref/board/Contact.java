package org.lastref.board;

import org.lastref.link.Courier;
import org.lastref.link.Shell;

/** The shell of a board that is up, and the agent beside it; what they do is attended. */
sealed interface Contact extends AutoCloseable permits ConsoleContact, SshContact {

  /**
   * The shell.
   *
   * @throws org.lastref.fault.LabFault if the agent does not give it the terminal back
   */
  Shell shell();

  /**
   * The agent, started if it does not run.
   *
   * @throws org.lastref.fault.LabFault if it does not answer
   */
  Courier courier();

  /** Ends both; from any thread. */
  @Override
  void close();
}
