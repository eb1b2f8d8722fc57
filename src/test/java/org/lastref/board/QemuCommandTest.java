package org.lastref.board;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.lastref.board.BoardDefinition.Qemu;
import org.lastref.board.BoardDefinition.Serial;
import org.lastref.board.BoardDefinition.Ssh;
import org.lastref.board.BoardDefinition.Timeouts;
import org.lastref.fault.InputFault;
import org.lastref.image.Image;
import org.testng.annotations.Test;

public class QemuCommandTest {

  private static final Qemu MACHINE = new Qemu("virt", "cortex-a72", 4, 512);
  private static final Image IMAGE =
      new Image(Path.of("k/Image"), Path.of("r/fs.gz"), Path.of("r/host"), Path.of("r/client"));

  @Test
  void namesTheMachineAndWhatItBoots() {
    List<String> words = command(null, Channel.SERIAL, Optional.of(Path.of("base.dtb")), List.of());
    assertEquals(after("-M", words), "virt");
    assertEquals(after("-cpu", words), "cortex-a72");
    assertEquals(after("-smp", words), "4");
    assertEquals(after("-m", words), "512");
    assertEquals(after("-kernel", words), "k/Image");
    assertEquals(after("-initrd", words), "r/fs.gz");
    assertEquals(after("-dtb", words), "base.dtb");
  }

  @Test
  void putsTheBootsWordsAfterTheBoards() {
    List<String> words = command(null, Channel.SERIAL, Optional.empty(), List.of("quiet"));
    assertEquals(after("-append", words), "console=ttyAMA0,9600 panic=-1 board=word quiet");
  }

  @Test
  void opensAPortForSshOnly() {
    Optional<Path> none = Optional.empty();
    assertEquals(
        after("-netdev", command(2222, Channel.SERIAL, none, List.of())),
        "user,id=net,restrict=on");
    assertEquals(
        after("-netdev", command(2222, Channel.SSH, none, List.of())),
        "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:2222-:22");
    assertEquals(
        after("-netdev", command(null, Channel.SSH, none, List.of())),
        "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:0-:22");
  }

  @Test
  void refusesAKernelLineThatArm64Cuts() {
    List<String> words = Collections.nCopies(20, "x".repeat(100));
    String message =
        String.valueOf(
            expectThrows(
                    InputFault.class, () -> command(null, Channel.SERIAL, Optional.empty(), words))
                .getMessage());
    assertTrue(message.contains("has 2060 characters, at most 2047"), message);
  }

  @Test
  void refusesAKernelArgumentOfTwoWords() {
    expectThrows(
        IllegalArgumentException.class,
        () -> new Boot(IMAGE, Optional.empty(), Channel.SSH, List.of("a b")));
  }

  private static List<String> command(
      @Nullable Integer port, Channel channel, Optional<Path> tree, List<String> arguments) {
    BoardDefinition board =
        new BoardDefinition(
            "alpha",
            "A board",
            List.of(),
            MACHINE,
            List.of("board=word"),
            new Serial("pty", 9600),
            null,
            new Ssh("root", null, port, null, null),
            new Timeouts(Duration.ofSeconds(30), Duration.ofSeconds(30)),
            1);
    return QemuCommand.of(board, MACHINE, new Boot(IMAGE, tree, channel, arguments));
  }

  private static String after(String option, List<String> words) {
    return words.get(words.indexOf(option) + 1);
  }
}
