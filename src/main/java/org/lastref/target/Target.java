package org.lastref.target;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;
import org.lastref.image.KernelBuild;
import org.lastref.link.Shell;

/** A board that is armed: the agent is on it and its probes are set. Used by one thread. */
public final class Target {

  /** Where the agent and the overlays lie on the board. */
  private static final String FOLDER = "/tmp/lastref";

  private static final String AGENT = FOLDER + "/agent.sh";

  /** A trace unpacks to no more than this, in bytes. */
  private static final int MAX_TRACE = 64 << 20;

  private static final Duration SHORT = Duration.ofSeconds(20);

  /** Arming a kernel that delays releases waits until those of its boot are over. */
  private static final Duration LONG = Duration.ofMinutes(2);

  private final Shell shell;
  private final Probes probes;
  private final KernelBuild kernel;

  private Target(Shell shell, KernelBuild kernel) {
    this.shell = shell;
    this.kernel = kernel;
    probes = new Probes(kernel);
  }

  /**
   * Puts the agent on a board and sets its probes.
   *
   * @param kernel the kernel that runs there
   * @throws LabFault if the kernel lacks a probe point, or the board fails
   */
  public static Target arm(Shell shell, KernelBuild kernel) {
    Target target = new Target(shell, kernel);
    target.command(List.of("mkdir", "-p", FOLDER), SHORT);
    shell.upload(resource("agent.sh"), AGENT);
    target.watchAlso(List.of());
    return target;
  }

  /**
   * Sets the probes anew, with further ones beside those for references; what {@link #watch} was
   * told is forgotten.
   */
  public void watchAlso(List<Probe> further) {
    StringBuilder lines = new StringBuilder(probes.lines());
    further.forEach(probe -> lines.append(probe.line()).append('\n'));
    shell.upload(lines.toString().getBytes(StandardCharsets.UTF_8), FOLDER + "/probes");
    agent(
        kernel.provenance().own() ? List.of("arm", "own") : List.of("arm"),
        kernel.delaysReleases() ? LONG : SHORT);
  }

  /**
   * Switches the kernel to a policy.
   *
   * @param release as {@code device_link.release=} takes it
   * @param fix as {@code device_link.fix=} takes it
   * @param expedite whether SRCU may expedite grace periods
   */
  public void policy(String release, String fix, boolean expedite) {
    switchTo(List.of("policy", release, fix, holdoff(expedite)));
  }

  /**
   * Switches a kernel that has no policies to choose.
   *
   * @param expedite whether SRCU may expedite grace periods
   */
  public void grace(boolean expedite) {
    switchTo(List.of("grace", holdoff(expedite)));
  }

  /** In nanoseconds; 25 µs is DEFAULT_SRCU_EXP_HOLDOFF of kernel/rcu/srcutree.c. */
  private static String holdoff(boolean expedite) {
    return expedite ? "25000" : "0";
  }

  private void switchTo(List<String> words) {
    String now = agent(words, SHORT).strip();
    String wanted = String.join(" ", words.subList(1, words.size()));
    if (!now.equals(wanted)) {
      throw new LabFault("the board's policy is \"%s\", not \"%s\"".formatted(now, wanted));
    }
  }

  /**
   * Whether nothing is left of a case that was interrupted.
   *
   * @throws LabFault naming what is left
   */
  public void checkIdle() {
    String left = agent(List.of("idle"), SHORT).strip();
    if (!left.isEmpty()) {
      throw new LabFault(
          "an interrupted case left on the board: "
              + left.substring(0, Math.min(200, left.length())).replace('\n', ' '));
    }
  }

  /**
   * Narrows the probes to an overlay.
   *
   * @param devices names of devices whose references are watched
   * @param baseNodes names of nodes of the base tree to watch beside all nodes of overlays
   */
  public void watch(Collection<String> devices, Collection<String> baseNodes) {
    String nodes = probes.nodeFilter(baseNodes);
    String of = probes.deviceFilter(devices);
    agent(List.of("watch", nodes, of), SHORT);
  }

  /** Puts an overlay's blob on the board, for later steps to apply by that name. */
  public void upload(String overlay, byte[] blob) {
    shell.upload(blob, FOLDER + "/" + overlay + ".dtbo");
  }

  /** Puts a module on the board, for later steps to load by that name. */
  public void uploadModule(String module, byte[] file) {
    shell.upload(file, FOLDER + "/" + module + ".ko");
  }

  /**
   * Does steps and brings back the trace of them, in one round trip.
   *
   * @param steps verb and argument each, such as {@code apply=NAME}: the agent's functions that
   *     begin with {@code step_} are the verbs
   * @param limit for all of it
   */
  public Observation steps(List<String> steps, Duration limit) {
    List<String> words = new ArrayList<>(List.of("steps"));
    words.addAll(steps);
    String output = agent(words, limit);
    List<String> results = new ArrayList<>();
    String packed = "";
    for (String line : output.split("\n", -1)) {
      if (line.startsWith("step ")) {
        results.add(line.substring("step ".length()));
      } else if (!line.isEmpty()) {
        packed = line;
      }
    }
    return new Observation(results, unpack(packed));
  }

  /**
   * Runs the bare cycle in a shell loop on the board: mkdir, cat, rmdir, unwatched.
   *
   * @return cycles a second
   */
  public double bareCycles(String overlay, int cycles, Duration limit) {
    String seconds = agent(List.of("bare", overlay, "" + cycles), limit).strip();
    try {
      return cycles / Double.parseDouble(seconds);
    } catch (NumberFormatException e) {
      throw new LabFault("the board says that %d cycles took \"%s\"".formatted(cycles, seconds), e);
    }
  }

  private static String unpack(String packed) {
    try (InputStream in =
        new GZIPInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(packed)))) {
      byte[] text = in.readNBytes(MAX_TRACE + 1);
      if (text.length > MAX_TRACE) {
        throw new LabFault("the trace is larger than %d MiB".formatted(MAX_TRACE >> 20));
      }
      // Names in it may be any bytes.
      return new String(text, StandardCharsets.ISO_8859_1);
    } catch (IOException | IllegalArgumentException e) {
      throw new LabFault("the trace that the board sent cannot be unpacked: " + e.getMessage(), e);
    }
  }

  private String agent(List<String> words, Duration limit) {
    List<String> command = new ArrayList<>(List.of("sh", AGENT));
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
    try (InputStream in = Target.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new InputFault("this build of Lastref lacks " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new LabFault("cannot read " + name, e);
    }
  }
}
