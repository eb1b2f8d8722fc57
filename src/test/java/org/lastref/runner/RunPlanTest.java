package org.lastref.runner;

import static org.testng.Assert.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.lastref.Recorded;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Channel;
import org.lastref.cases.RemovalTestCase;
import org.lastref.fdt.OverlaySource;
import org.lastref.image.KernelBuild;
import org.lastref.model.Situation;
import org.testng.annotations.Test;

/** What a run is to do. */
public class RunPlanTest {

  private static String command(String kernel, String added) {
    RunPlan plan = plan(kernel, added);
    return plan.command(plan.cases().get(0));
  }

  private static RunPlan plan(String kernel, String added) {
    OverlaySource pair = Recorded.shape("pair");
    return new RunPlan(
        Path.of(""),
        Path.of("results"),
        BoardDefinition.load(Path.of("boards/qemu-virt.yaml")),
        Channel.SSH,
        RemovalTestCase.all(
            Path.of("").toAbsolutePath(),
            kernel,
            List.of(pair),
            List.of(Recorded.LEAKING),
            List.of(Situation.REMOVE)),
        1,
        List.of(),
        added,
        1);
  }

  @Test
  public void fewCasesAreNotShared() {
    assertEquals(plan(KernelBuild.PLAIN, "").shared().boards(), 1);
  }

  @Test
  public void namesTheKernelInACasesCommandUnlessItIsThePlainOne() {
    String chosen = "./lastref run --only pair --release system-wq --fix none --grace slow";

    assertEquals(command(KernelBuild.PLAIN, ""), chosen + " --via ssh");
    assertEquals(command("debug-release", ""), chosen + " --kernel debug-release --via ssh");
  }

  @Test
  public void placesACaseByItsKernel() {
    assertEquals(plan("field", "").cases().get(0).properties().get("kernel"), "field");
  }

  @Test
  public void namesWhatIsAddedToTheKernelInACasesCommand() {
    assertEquals(
        command("field", "--module mine"),
        "./lastref run --only pair --release system-wq --fix none --grace slow --kernel field"
            + " --module mine --via ssh");
  }
}
