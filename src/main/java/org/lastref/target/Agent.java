package org.lastref.target;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;
import org.lastref.link.Shell;

/** Lastref's part on the board, {@code agent.sh}; one call of it is one round trip. */
final class Agent {

  /** Where the agent and what it needs lie on the board. */
  private static final String FOLDER = "/tmp/lastref";

  private static final String FILE = FOLDER + "/agent.sh";

  static final Duration SHORT = Duration.ofSeconds(20);

  private final Shell shell;

  private Agent(Shell shell) {
    this.shell = shell;
  }

  /** Puts it on a board. */
  static Agent on(Shell shell) {
    Agent agent = new Agent(shell);
    agent.command(List.of("mkdir", "-p", FOLDER), SHORT);
    shell.upload(resource("agent.sh"), FILE);
    return agent;
  }

  /** Puts a file beside it. */
  void upload(byte[] content, String name) {
    shell.upload(content, FOLDER + "/" + name);
  }

  /**
   * Has it do something.
   *
   * @return what it printed
   * @throws LabFault with its words if it fails
   */
  String call(List<String> words, Duration limit) {
    List<String> command = new ArrayList<>(List.of("sh", FILE));
    command.addAll(words);
    return command(command, limit);
  }

  private String command(List<String> words, Duration limit) {
    Shell.Reply reply = shell.run(words, limit);
    if (reply.exitCode() != 0) {
      String output = reply.output();
      throw new LabFault(
          "on the board, \"%s\" failed with exit code %d: %s"
              .formatted(
                  String.join(" ", words.subList(0, Math.min(4, words.size()))),
                  reply.exitCode(),
                  output.substring(0, Math.min(500, output.length())).strip()));
    }
    return reply.output();
  }

  private static byte[] resource(String name) {
    try (InputStream in = Agent.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new InputFault("this build of Lastref lacks " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new LabFault("cannot read " + name, e);
    }
  }
}
