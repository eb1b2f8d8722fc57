package org.lastref.suite;

import java.util.SortedMap;
import org.lastref.image.KernelBuild;
import org.lastref.model.Explorer;
import org.lastref.model.Policy;
import org.lastref.model.Removal;
import org.lastref.verify.Scenario;

/**
 * An overlay applied and removed under a policy. It passes if what was seen conforms to the model
 * of that policy: one that is known to leak passes by leaking as modelled.
 *
 * @param suite the suite it belongs to
 * @param kernel the kernel it needs
 */
record RemovalTrial(String suite, String kernel, RemovalCase removal) implements Trial {

  private static final long MAX_BYTES = 64 << 20;

  @Override
  public String id() {
    return removal.name().id();
  }

  @Override
  public String title() {
    return removal.name().title();
  }

  @Override
  public SortedMap<String, String> properties() {
    return removal.name().properties();
  }

  @Override
  public String options() {
    return kernel.equals(KernelBuild.PLAIN)
        ? removal.options()
        : removal.options() + " --kernel " + kernel;
  }

  @Override
  public Tale tried(Attempt attempt) {
    Scenario scenario = removal.scenario(attempt.board().base());
    Tale tale =
        attempt.judged(
            Subject.of(scenario),
            () -> attempt.board().run(removal.shape(), scenario),
            cycle ->
                Recording.header(
                    attempt.info(),
                    attempt.board().layers(removal.shape().stack()),
                    attempt.board().baseBlob(),
                    scenario,
                    cycle));
    return tale.leaks() && scenario.policy().delayed() ? tale.adding(delay(scenario)) : tale;
  }

  /**
   * Whose doing it is that a kernel leaks that releases late: without that the policy may be clean.
   */
  static String delay(Scenario scenario) {
    Policy policy = scenario.policy();
    Policy prompt = new Policy(policy.release(), policy.fix(), policy.grace());
    boolean clean =
        scenario.populations().values().stream()
            .allMatch(
                each ->
                    Explorer.search(
                            Removal.of(each, prompt, scenario.situation()),
                            MAX_BYTES,
                            (states, open) -> {})
                        .alwaysClean());
    return "CONFIG_DEBUG_KOBJECT_RELEASE delays every release, and no fix is enough: without it "
        + (clean ? "nothing leaks under this policy" : "this policy may leak too");
  }

  @Override
  public String toString() {
    return id();
  }
}
