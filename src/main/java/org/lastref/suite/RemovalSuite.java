package org.lastref.suite;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.lastref.image.Images;
import org.lastref.image.KernelBuild;
import org.lastref.model.Policy;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;

/** Trials that remove overlays under policies. */
public final class RemovalSuite {

  private RemovalSuite() {}

  /** Every overlay under every policy. */
  static List<Trial> devlink(Path project) {
    return trials(project, KernelBuild.PLAIN, Shape.all(project.resolve("overlays")), Policy.all());
  }

  /** A link and two in a row, under every way of release with and without what is to fix it. */
  static List<Trial> debugRelease(Path project) {
    Path overlays = project.resolve("overlays");
    return trials(
        project,
        "debug-release",
        Stream.of("pair", "chain").map(name -> Shape.of(overlays.resolve(name + ".dtso"))).toList(),
        List.of(
            new Policy(Release.CALL_SRCU, Fix.NONE, Grace.SLOW),
            new Policy(Release.CALL_SRCU, Fix.SRCU_BARRIER, Grace.SLOW),
            new Policy(Release.DEDICATED_WQ, Fix.NONE, Grace.SLOW),
            new Policy(Release.DEDICATED_WQ, Fix.SYNC_OVERLAY, Grace.SLOW),
            new Policy(Release.DEDICATED_WQ, Fix.WAIT_REMOVAL, Grace.SLOW)));
  }

  /**
   * Every overlay that no other of them stands on, under every policy; overlay by overlay, because
   * telling the board what to watch takes longer than telling it a policy.
   *
   * @param kernel one of {@link Images#variants}
   */
  public static List<Trial> trials(
      Path project, String kernel, List<Shape> shapes, List<Policy> policies) {
    boolean delayed = Images.delaysReleases(project, kernel);
    Suite suite = delayed ? Suite.DEBUG_RELEASE : Suite.DEVLINK;
    Set<String> below = new HashSet<>();
    shapes.forEach(shape -> shape.below().forEach(lower -> below.add(lower.name())));
    List<Trial> trials = new ArrayList<>();
    for (Shape shape : shapes) {
      if (!below.contains(shape.name())) {
        for (Policy policy : policies) {
          Policy held = delayed ? policy.withDelayedRelease() : policy;
          trials.add(new RemovalTrial(suite.toString(), kernel, new RemovalCase(shape, held)));
        }
      }
    }
    return trials;
  }
}
