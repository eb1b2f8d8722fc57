package org.lastref.suite;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.lastref.model.Policy;
import org.lastref.verify.Scenario;

/**
 * An overlay applied and removed on a kernel of the user's own. It passes if the kernel keeps its
 * promise, whatever its policy.
 *
 * @param kernel its configuration, one of {@link org.lastref.image.Images#kernels}
 * @param removal the overlay; of its policy, the timing counts
 * @param source the options that choose the kernel
 */
public record OwnKernelTrial(String kernel, RemovalCase removal, String source) implements Trial {

  private static final String SUITE = "own-kernel";

  /**
   * Every overlay that no other of them stands on, under each timing.
   *
   * @param delayed whether the configuration is one that releases kobjects late
   */
  public static List<Trial> trials(
      String kernel,
      boolean delayed,
      String source,
      List<Shape> shapes,
      List<Policy.Grace> timings) {
    Set<String> below = new HashSet<>();
    shapes.forEach(shape -> shape.below().forEach(lower -> below.add(lower.name())));
    List<Trial> trials = new ArrayList<>();
    for (Shape shape : shapes) {
      if (!below.contains(shape.name())) {
        for (Policy.Grace grace : timings) {
          Policy policy = Policy.UPSTREAM.with(grace);
          Policy held = delayed ? policy.withDelayedRelease() : policy;
          trials.add(new OwnKernelTrial(kernel, new RemovalCase(shape, held), source));
        }
      }
    }
    return trials;
  }

  private CaseName name() {
    return CaseName.own(removal.shape().name(), removal.policy());
  }

  @Override
  public String suite() {
    return SUITE;
  }

  @Override
  public String id() {
    return name().id();
  }

  @Override
  public String title() {
    return name().title();
  }

  @Override
  public SortedMap<String, String> properties() {
    return name().properties();
  }

  @Override
  public String options() {
    return "%s --only %s --grace %s"
        .formatted(source, removal.overlayOption(), removal.policy().grace());
  }

  @Override
  public Tale tried(Attempt attempt) {
    Scenario scenario = removal.scenario(attempt.board().base());
    return attempt.judged(
        new OwnKernelSubject(scenario),
        () -> attempt.board().run(removal.shape(), scenario),
        cycle ->
            Recording.ownHeader(
                attempt.info(),
                attempt.board().layers(removal.shape().stack()),
                attempt.board().baseBlob(),
                scenario,
                cycle));
  }

  @Override
  public Tale broughtDown(Inquest.Finding finding) {
    return OwnKernelSubject.died(finding.sentence());
  }

  @Override
  public String toString() {
    return id();
  }
}
