package org.lastref.rig;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.lastref.board.BaseTree;
import org.lastref.board.Board;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Boot;
import org.lastref.board.Channel;
import org.lastref.board.LifeCycle;
import org.lastref.fault.LabFault;
import org.lastref.image.Images;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** A board on the bench from its file alone: power, boot folder, serial line and SSH. */
@SuppressWarnings("NullAway.Init")
public class PhysicalRigIT {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private PhysicalRig rig;
  private Path results;

  @BeforeMethod
  void build() throws Exception {
    results = Files.createDirectories(Path.of("target", "physical-rig"));
    rig = PhysicalRig.start();
  }

  @AfterMethod(alwaysRun = true)
  void takeAway() {
    if (rig != null) {
      rig.close();
    }
  }

  private Board boot(Channel channel) {
    Images images = Images.ensure(Path.of("").toAbsolutePath());
    BoardDefinition definition = BoardDefinition.load(rig.yaml());
    Path run = results.resolve("run");
    Path tree =
        BaseTree.make(
            definition, images::kernel, Path.of("boards/base.dtso"), results.resolve("tree"));
    return Board.boot(
        definition,
        new Boot(images.image(), Optional.of(tree), channel, List.of()),
        run,
        LifeCycle.of(definition.name(), run));
  }

  @Test
  public void bootsWhatWasCopiedAndAnswersOnItsSlowLineEachTimeItGetsPower() {
    for (int time = 0; time < 2; time++) {
      try (Board board = boot(Channel.SERIAL)) {
        String model = board.shell().run(List.of("cat", "/proc/device-tree/model"), LIMIT).output();
        assertTrue(model.startsWith("Raspberry Pi 3 Model B"), model);
        assertTrue(rig.running());
      }
      assertFalse(rig.running());
    }
    PhysicalRig.Bytes bytes = rig.bytes();
    assertTrue(bytes.toBoard() > 100 && bytes.toHarness() > 10_000, "" + bytes);
  }

  @Test
  public void answersOverTheNetwork() {
    try (Board board = boot(Channel.SSH)) {
      assertEquals(board.shell().run(List.of("uname", "-m"), LIMIT).output(), "aarch64\n");
    }
  }

  @Test
  public void anotherHostKeyOfTheBootServerIsRefusedAndNothingGetsPower() {
    rig.changeHostKey();
    LabFault fault = expectThrows(LabFault.class, () -> boot(Channel.SERIAL));
    assertTrue(String.valueOf(fault.getMessage()).contains("host key"), fault.getMessage());
    assertFalse(rig.running());
    assertFalse(Files.exists(rig.bootFolder().resolve("Image")));
  }

  @Test
  public void aBoardWithoutPowerIsSilentAndItsPortStays() {
    try (Board board = boot(Channel.SERIAL)) {
      rig.cutPower();
      assertTrue(Files.exists(rig.line().link()));
      expectThrows(LabFault.class, () -> board.shell().run(List.of("true"), Duration.ofSeconds(2)));
    }
  }
}
