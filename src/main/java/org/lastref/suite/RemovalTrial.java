package org.lastref.suite;

import java.util.SortedMap;
import org.lastref.image.KernelBuild;
import org.lastref.verify.Scenario;

/**
 * An overlay applied and removed under a policy. It passes if what was seen conforms to the model
 * of that policy: one that is known to leak passes by leaking as modelled.
 *
 * @param suite the suite it belongs to
 * @param kernel the kernel it needs
 */
record RemovalTrial(String suite, String kernel, RemovalCase removal) implements Trial {

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
    return attempt.judged(
        Subject.of(scenario),
        () -> attempt.board().run(removal.shape(), scenario),
        cycle ->
            Recording.header(
                attempt.info(),
                attempt.board().layers(removal.shape().stack()),
                attempt.board().baseBlob(),
                scenario,
                cycle));
  }

  @Override
  public String toString() {
    return id();
  }
}
