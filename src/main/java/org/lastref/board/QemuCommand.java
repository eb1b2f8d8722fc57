package org.lastref.board;

import java.util.ArrayList;
import java.util.List;

/** QEMU's command line for a board. */
final class QemuCommand {

  /** The console's character device. */
  static final String CONSOLE = "console";

  private QemuCommand() {}

  static List<String> of(BoardDefinition board, BoardDefinition.Qemu machine, Boot boot) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("qemu-system-aarch64", "-nodefaults", "-display", "none"));
    words.addAll(List.of("-M", machine.machine(), "-cpu", machine.cpu()));
    words.addAll(List.of("-smp", "" + machine.cpus(), "-m", "" + machine.memoryMib()));
    // Frozen until the console is read; after a panic or power-off paused until it has been read.
    words.addAll(List.of("-S", "-action", "reboot=shutdown,shutdown=pause"));
    words.addAll(List.of("-chardev", "pty,id=" + CONSOLE, "-serial", "chardev:" + CONSOLE));
    words.addAll(List.of("-netdev", network(board.ssh(), boot.channel())));
    String card = machine.isRaspberryPi() ? "usb-net" : "virtio-net-device";
    words.addAll(List.of("-device", card + ",netdev=net"));
    words.addAll(List.of("-kernel", boot.image().kernel().toString()));
    words.addAll(List.of("-initrd", boot.image().initramfs().toString()));
    boot.baseTree().ifPresent(tree -> words.addAll(List.of("-dtb", tree.toString())));
    words.addAll(List.of("-append", KernelLine.of(board, boot)));
    return words;
  }

  /** The guest reaches nothing, and is reached only if the shell goes over SSH. */
  private static String network(BoardDefinition.Ssh ssh, Channel channel) {
    String closed = "user,id=net,restrict=on";
    if (channel == Channel.SERIAL) {
      return closed;
    }
    // With port 0 the system chooses a free one, and nobody can take it before QEMU has it.
    int port = ssh.port() == null ? 0 : ssh.port();
    return closed + ",hostfwd=tcp:127.0.0.1:" + port + "-:22";
  }
}
