package org.lastref.runner;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Channel;
import org.lastref.fdt.OverlaySource;
import org.lastref.image.Images;
import org.lastref.model.Policy;
import org.lastref.offline.RemovalCase;
import org.lastref.target.Observation;
import org.lastref.trace.Instruction;
import org.lastref.trace.Scenario;
import org.lastref.trace.Verb;
import org.lastref.verify.Finding;
import org.lastref.verify.OverlayRemoval;
import org.lastref.verify.Verdict;
import org.lastref.verify.Verifier;
import org.testng.annotations.Test;

/**
 * Somebody else has open what a removal waits for. For the nights, as the kernel that has the
 * drivers takes minutes: {@code mvn -Dit.test=OpenFiles verify}.
 */
public class OpenFiles {

  private static final Duration COMMAND = Duration.ofSeconds(10);

  private final Path project = Path.of("").toAbsolutePath();
  private final OverlaySource overlay =
      OverlaySource.of(project.resolve("overlays/field/i2c-sensor.dtso"));

  private static Observation once(
      ArmedBoard board, OverlaySource overlay, OverlayRemoval removal, Verb verb) {
    List<Observation> seen = new ArrayList<>();
    Scenario scenario = new Scenario(List.of(Instruction.to(verb, overlay.name())));
    OverlayRemoval part = new OverlayRemoval(removal.policy(), removal.applied(), scenario);
    board.run(overlay, part, 1, seen::add);
    return seen.get(0);
  }

  @Test
  public void aRemovalThatWaitsForAFileIsToldWithWhoHasItOpen() throws Exception {
    Path folder = Files.createDirectories(project.resolve("target/open-files"));
    try (ArmedBoard board =
        ArmedBoard.open(
            BoardDefinition.load(project.resolve("boards/qemu-virt.yaml")),
            Images.ensure(project, Images.kernel(project, "field")),
            Channel.SSH,
            project,
            folder)) {
      OverlayRemoval removal =
          new RemovalCase(overlay, Policy.UPSTREAM).removal(board.base(), board.kernel());
      assertEquals(once(board, overlay, removal, Verb.APPLY).steps().size(), 1);
      board
          .shell()
          .run(List.of("sh", "-c", "sleep 600 </dev/i2c-0 >/dev/null 2>&1 & sleep 0.2"), COMMAND);
      Observation stands = once(board, overlay, removal, Verb.REMOVE);
      Verdict verdict =
          Verifier.judge(removal.promise(), stands.records().read("a removal that waits"));
      Finding finding = verdict.findings().get(0);
      assertEquals(finding.type(), Finding.Type.WAITS, finding.sentence());
      assertTrue(
          finding
              .seen()
              .matches(
                  "it has waited for [45]\\.\\d s in i2c_del_adapter \u2190 .* while this is open:"
                      + " /dev/i2c-0, by process \\d+ \\(sleep\\).*"),
          finding.seen());
    }
  }
}
