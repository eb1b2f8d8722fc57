package org.lastref.target;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.lastref.fault.LabFault;
import org.lastref.image.KernelBuild;
import org.lastref.link.Shell;

/** A board that is armed: the agent is on it and its probes are set. Used by one thread. */
public final class Target {

  private final Agent agent;
  private final Watcher watcher;

  private Target(Agent agent, Watcher watcher) {
    this.agent = agent;
    this.watcher = watcher;
  }

  /**
   * Puts the agent on a board and sets its probes.
   *
   * @param kernel the kernel that runs there
   * @throws LabFault if the kernel lacks a probe point, or the board fails
   */
  public static Target arm(Shell shell, KernelBuild kernel) {
    Agent agent = Agent.on(shell);
    Target target = new Target(agent, new FtraceWatcher(agent, kernel));
    target.watchAlso(List.of());
    return target;
  }

  /**
   * Sets the probes anew, with further ones beside those for references; what {@link #watch} was
   * told is forgotten.
   */
  public void watchAlso(List<Probe> further) {
    watcher.arm(further);
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
    String now = agent.call(words, Agent.SHORT).strip();
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
    String left = agent.call(List.of("idle"), Agent.SHORT).strip();
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
    watcher.watch(devices, baseNodes);
  }

  /** Puts an overlay's blob on the board, for later steps to apply by that name. */
  public void upload(String overlay, byte[] blob) {
    agent.upload(blob, overlay + ".dtbo");
  }

  /** Puts a module on the board, for later steps to load by that name. */
  public void uploadModule(String module, byte[] file) {
    agent.upload(file, module + ".ko");
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
    String output = agent.call(words, limit);
    List<String> results = new ArrayList<>();
    String packed = "";
    for (String line : output.split("\n", -1)) {
      if (line.startsWith("step ")) {
        results.add(line.substring("step ".length()));
      } else if (!line.isEmpty()) {
        packed = line;
      }
    }
    return new Observation(results, watcher.records(packed));
  }

  /**
   * Runs the bare cycle in a shell loop on the board: mkdir, cat, rmdir, unwatched.
   *
   * @return cycles a second
   */
  public double bareCycles(String overlay, int cycles, Duration limit) {
    String seconds = agent.call(List.of("bare", overlay, "" + cycles), limit).strip();
    try {
      return cycles / Double.parseDouble(seconds);
    } catch (NumberFormatException e) {
      throw new LabFault("the board says that %d cycles took \"%s\"".formatted(cycles, seconds), e);
    }
  }
}
