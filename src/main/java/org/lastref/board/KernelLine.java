package org.lastref.board;

import java.util.ArrayList;
import java.util.List;
import org.lastref.fault.InputFault;

/** The kernel's command line for a board. */
final class KernelLine {

  /** COMMAND_LINE_SIZE of arm64 without its NUL: arch/arm64/include/uapi/asm/setup.h, Linux 6.1. */
  private static final int LONGEST = 2047;

  private KernelLine() {}

  static String of(BoardDefinition board, Boot boot) {
    List<String> words = new ArrayList<>();
    if (board.kernelArguments().stream().noneMatch(word -> word.startsWith("console="))) {
      words.add("console=ttyAMA0," + board.console().baud());
    }
    if (board.hardware() instanceof BoardDefinition.Qemu) {
      // A panic resets at once, which QEMU turns into a pause.
      words.add("panic=-1");
    }
    words.addAll(board.kernelArguments());
    words.addAll(boot.kernelArguments());
    String line = String.join(" ", words);
    if (line.length() > LONGEST) {
      throw new InputFault(
          "Board %s: the kernel's command line has %d characters, at most %d are possible: shorten kernel-arguments"
              .formatted(board.name(), line.length(), LONGEST));
    }
    return line;
  }
}
