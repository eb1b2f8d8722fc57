package org.lastref.board;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.lastref.image.Image;

/**
 * What to boot on a board, and how to reach it then.
 *
 * @param baseTree a devicetree blob in place of the machine's own
 * @param kernelArguments words for the kernel's command line, after the board's own
 */
public record Boot(
    Image image, Optional<Path> baseTree, Channel channel, List<String> kernelArguments) {

  /** Checks the words of the command line. */
  public Boot {
    kernelArguments = List.copyOf(kernelArguments);
    BoardDefinition.checkKernelArguments(kernelArguments);
  }
}
