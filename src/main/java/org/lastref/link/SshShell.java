package org.lastref.link;

import java.time.Duration;
import java.util.List;

/** A shell over SSH, beside which other commands can run in the same session. */
public final class SshShell implements Shell {

  private final Shell shell;
  private final SshLine line;

  SshShell(Shell shell, SshLine line) {
    this.shell = shell;
    this.line = line;
  }

  /**
   * Starts a command with its standard input and output on a channel of its own, which ends with
   * the shell's session or by being closed.
   *
   * @throws org.lastref.fault.LabFault if the board opens no channel within 10 s
   */
  public Line start(String command) {
    return line.another(command);
  }

  @Override
  public Reply run(List<String> words, Duration limit) {
    return shell.run(words, limit);
  }

  @Override
  public void upload(byte[] content, String path) {
    shell.upload(content, path);
  }

  @Override
  public boolean gone() {
    return shell.gone();
  }

  @Override
  public Traffic traffic() {
    return shell.traffic();
  }

  @Override
  public void close() {
    shell.close();
  }
}
