package org.lastref.cases;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.lastref.fdt.OverlaySource;
import org.lastref.model.Policy;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.lastref.runner.TestCase;

/**
 * Whether the synchronous release is safe: every overlay under both fixes that release at once, and
 * the shortest under what they replace, on a kernel that proves its locking.
 */
final class LockdepSuite implements Suite {

  @Override
  public String name() {
    return RemovalTestCase.LOCKDEP;
  }

  @Override
  public List<TestCase> cases(Path project) {
    List<Policy> atOnce =
        Stream.of(Fix.SYNC_OVERLAY, Fix.FLAG_OVERLAY)
            .map(fix -> new Policy(Release.DEDICATED_WQ, fix, Grace.ANY))
            .toList();
    List<Policy> others =
        Stream.of(Release.values())
            .map(release -> new Policy(release, Fix.NONE, Grace.SLOW))
            .toList();
    List<OverlaySource> all = RemovalTestCase.overlays(project);
    List<OverlaySource> own = RemovalTestCase.driversOwn(project);
    List<TestCase> cases = new ArrayList<>();
    cases.addAll(RemovalTestCase.all(project, name(), all, atOnce, RemovalTestCase.REMOVE));
    cases.addAll(RemovalTestCase.all(project, name(), own, atOnce, RemovalTestCase.UNBIND));
    cases.addAll(RemovalTestCase.all(project, name(), own, others, RemovalTestCase.REMOVE));
    return cases;
  }
}
