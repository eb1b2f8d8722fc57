package org.lastref.cases;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.lastref.fdt.OverlaySource;
import org.lastref.model.Policy;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;
import org.lastref.offline.RemovalCase;
import org.lastref.runner.TestCase;

/**
 * Overlays of the kinds that people use, on a kernel with their drivers: a controller is switched
 * on and chips hang below it, hats, expanders, supplies, pulses, sound. As their kernels let links
 * go, without and with what is to fix it.
 */
final class FieldSuite implements Suite {

  private static final String FIELD = "field";

  private static final List<Policy> POLICIES =
      Stream.of(Grace.SLOW, Grace.ANY)
          .flatMap(
              grace ->
                  Stream.of(Fix.NONE, Fix.WAIT_REMOVAL)
                      .map(fix -> new Policy(Release.DEDICATED_WQ, fix, grace)))
          .toList();

  @Override
  public String name() {
    return FIELD;
  }

  @Override
  public List<TestCase> cases(Path project) {
    return OverlaySource.all(project.resolve("overlays/field")).stream()
        .flatMap(
            overlay ->
                POLICIES.stream()
                    .<TestCase>map(
                        policy ->
                            new RemovalTestCase(FIELD, FIELD, new RemovalCase(overlay, policy))))
        .toList();
  }
}
