package org.lastref.link;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import org.lastref.fault.LabFault;

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
   * @throws LabFault if the board opens no channel within 10 s
   */
  public Line start(String command) {
    return line.another(command);
  }

  /**
   * What a command writes to its standard output, on a channel of its own.
   *
   * @param input what it gets as its standard input, which does not end then
   * @param most how many bytes are taken
   * @throws LabFault if there are more, it does not end in time, or the connection is lost
   */
  public byte[] output(String command, byte[] input, int most, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    byte[] buffer = new byte[32 << 10];
    try (SshLine channel = line.another(command)) {
      channel.write(input);
      for (int read = 0; read >= 0; read = channel.read(buffer)) {
        output.write(buffer, 0, read);
        if (output.size() > most || System.nanoTime() > deadline) {
          throw new LabFault(
              "%s: \"%s\" %s"
                  .formatted(
                      line.name(),
                      Printable.text(command, 120),
                      output.size() > most
                          ? "wrote more than %d bytes".formatted(most)
                          : "did not end within %d s".formatted(limit.toSeconds())));
        }
      }
      if (!channel.hasEnded()) {
        throw new LabFault(
            "%s: the connection was lost while \"%s\" ran"
                .formatted(line.name(), Printable.text(command, 120)));
      }
    }
    return output.toByteArray();
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
