package org.lastref.board;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lastref.fault.LabFault;
import org.lastref.link.Sha256;
import org.lastref.link.Shell;
import org.lastref.link.Ssh;

/**
 * Puts what a physical board is to boot where it boots from: {@code Image}, {@code
 * initramfs.cpio.gz}, {@code base.dtb} and {@code cmdline.txt}. What is there already is not sent
 * again; a file takes its name only once it is whole.
 */
final class Deployment {

  private static final Duration COMMAND = Duration.ofSeconds(30);

  private final String board;
  private final Map<String, byte[]> files;

  private Deployment(String board, Map<String, byte[]> files) {
    this.board = board;
    this.files = files;
  }

  static Deployment of(BoardDefinition definition, Boot boot) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("Image", bytes(boot.image().kernel()));
    files.put("initramfs.cpio.gz", bytes(boot.image().initramfs()));
    boot.baseTree().ifPresent(tree -> files.put("base.dtb", bytes(tree)));
    String line = KernelLine.of(definition, boot) + "\n";
    files.put("cmdline.txt", line.getBytes(StandardCharsets.US_ASCII));
    return new Deployment(definition.name(), files);
  }

  /** Writes into a folder of this host. */
  void to(BoardDefinition.BootFolder folder) {
    Path path = Path.of(folder.path());
    files.forEach(
        (name, content) -> {
          try {
            Path fresh = path.resolve("." + name + ".lastref-new");
            Files.write(fresh, content);
            Files.move(
                fresh,
                path.resolve(name),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
          } catch (IOException e) {
            throw new LabFault(
                "Board %s: cannot write %s into its boot folder: %s. It is deploy.path in the board's file"
                    .formatted(board, name, e),
                e);
          }
        });
  }

  /**
   * Writes into a folder of another host, and makes that reboot if the board's file says so.
   *
   * @param limit until that host answers
   */
  void to(BoardDefinition.RemoteBootFolder folder, Duration limit) {
    try (Shell shell =
        Ssh.connect(
            folder.host(),
            folder.port(),
            folder.user(),
            Path.of(folder.clientKey()),
            Path.of(folder.hostKey()),
            limit)) {
      files.forEach((name, content) -> send(shell, content, folder.path() + "/" + name));
      if (folder.reboot() != null) {
        reboot(shell, folder.reboot());
      }
    }
  }

  private static void send(Shell shell, byte[] content, String path) {
    String there = shell.run(List.of("sha256sum", path), COMMAND).output();
    if (!there.startsWith(Sha256.of(content) + " ")) {
      shell.upload(content, path);
    }
  }

  /** The command may end with the board's system, so that no answer comes, or may be refused. */
  private void reboot(Shell shell, List<String> command) {
    Shell.Reply reply;
    try {
      reply = shell.run(command, COMMAND);
    } catch (LabFault e) {
      return;
    }
    if (reply.exitCode() != 0) {
      throw new LabFault(
          "Board %s: its own system did not reboot: %s: exit code %d. It is deploy.reboot in the board's file"
              .formatted(board, String.join(" ", command), reply.exitCode()));
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new LabFault("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }
}
