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
import org.lastref.model.Situation;

/** Trials that remove overlays under policies. */
public final class RemovalSuite {

  private static final List<Situation> REMOVE = List.of(Situation.REMOVE);

  private static final List<Situation> UNBIND = List.of(Situation.UNBIND);
  private static final String LOCKDEP = "lockdep";

  private RemovalSuite() {}

  /** Every overlay under every policy; where a driver made the links, also after an unbinding. */
  static List<Trial> devlink(Path project) {
    List<Trial> trials =
        new ArrayList<>(trials(project, KernelBuild.PLAIN, shapes(project), Policy.all(), REMOVE));
    trials.addAll(trials(project, KernelBuild.PLAIN, driversOwn(project), Policy.all(), UNBIND));
    return trials;
  }

  /**
   * Whether the synchronous release is safe: every overlay under both fixes that release at once,
   * and the shortest under what they replace, on a kernel that proves its locking.
   */
  static List<Trial> lockdep(Path project) {
    List<Policy> atOnce =
        Stream.of(Fix.SYNC_OVERLAY, Fix.FLAG_OVERLAY)
            .map(fix -> new Policy(Release.DEDICATED_WQ, fix, Grace.ANY))
            .toList();
    List<Policy> others =
        Stream.of(Release.values())
            .map(release -> new Policy(release, Fix.NONE, Grace.SLOW))
            .toList();
    List<Trial> trials = new ArrayList<>(trials(project, LOCKDEP, shapes(project), atOnce, REMOVE));
    trials.addAll(trials(project, LOCKDEP, driversOwn(project), atOnce, UNBIND));
    trials.addAll(trials(project, LOCKDEP, driversOwn(project), others, REMOVE));
    return trials;
  }

  /** The overlays whose removal has a model: those of this repository that are for no exercise. */
  public static List<Shape> shapes(Path project) {
    List<Shape> shapes = new ArrayList<>(Shape.all(project.resolve("overlays")));
    shapes.addAll(driversOwn(project));
    return shapes;
  }

  private static List<Shape> driversOwn(Path project) {
    return Shape.all(project.resolve("overlays/devlink"));
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
            new Policy(Release.DEDICATED_WQ, Fix.WAIT_REMOVAL, Grace.SLOW)),
        REMOVE);
  }

  /**
   * Every overlay that no other of them stands on, under every policy; overlay by overlay, because
   * telling the board what to watch takes longer than telling it a policy.
   *
   * @param kernel one of {@link Images#kernels}
   */
  public static List<Trial> trials(
      Path project,
      String kernel,
      List<Shape> shapes,
      List<Policy> policies,
      List<Situation> situations) {
    boolean delayed = Images.delaysReleases(project, Images.kernel(project, kernel));
    boolean lockdep = Images.provesLocking(project, Images.kernel(project, kernel));
    Suite suite = delayed ? Suite.DEBUG_RELEASE : lockdep ? Suite.LOCKDEP : Suite.DEVLINK;
    Set<String> below = new HashSet<>();
    shapes.forEach(shape -> shape.below().forEach(lower -> below.add(lower.name())));
    List<Trial> trials = new ArrayList<>();
    for (Shape shape : shapes) {
      if (!below.contains(shape.name())) {
        for (Situation situation : situations) {
          for (Policy policy : policies) {
            Policy held = delayed ? policy.withDelayedRelease() : policy;
            RemovalCase removal = new RemovalCase(shape, held, situation, lockdep);
            trials.add(new RemovalTrial(suite.toString(), kernel, removal));
          }
        }
      }
    }
    return trials;
  }
}
