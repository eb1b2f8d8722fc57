package org.lastref.cases;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.lastref.fdt.OverlaySource;
import org.lastref.model.Policy;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.lastref.runner.TestCase;

/**
 * A link and two in a row where every kobject is released late, under every way of release with and
 * without what is to fix it: no fix is enough.
 */
final class DebugReleaseSuite implements Suite {

  @Override
  public String name() {
    return RemovalTestCase.DEBUG_RELEASE;
  }

  @Override
  public List<TestCase> cases(Path project) {
    Path overlays = project.resolve("overlays");
    return RemovalTestCase.all(
        project,
        name(),
        Stream.of("pair", "chain")
            .map(each -> OverlaySource.of(overlays.resolve(each + ".dtso")))
            .toList(),
        List.of(
            new Policy(Release.CALL_SRCU, Fix.NONE, Grace.SLOW),
            new Policy(Release.CALL_SRCU, Fix.SRCU_BARRIER, Grace.SLOW),
            new Policy(Release.DEDICATED_WQ, Fix.NONE, Grace.SLOW),
            new Policy(Release.DEDICATED_WQ, Fix.SYNC_OVERLAY, Grace.SLOW),
            new Policy(Release.DEDICATED_WQ, Fix.WAIT_REMOVAL, Grace.SLOW)),
        RemovalTestCase.REMOVE);
  }
}
