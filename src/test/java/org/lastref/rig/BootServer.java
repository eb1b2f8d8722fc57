package org.lastref.rig;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An SSH server on the loopback, Debian's dropbear, with a host key and a client's key of its own.
 * It lives in a mount namespace where root's home is the rig's: it reads no key of this machine's.
 */
final class BootServer implements AutoCloseable {

  private static final long STARTS_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Path folder;
  private final int port;
  private final Process process;

  private BootServer(Path folder, int port, Process process) {
    this.folder = folder;
    this.port = port;
    this.process = process;
  }

  /**
   * Makes the keys that are not there, starts the server and waits until it answers.
   *
   * @param folder where its keys and its log go
   */
  static BootServer start(Path folder, int port) throws IOException, InterruptedException {
    var home = Files.createDirectories(folder.resolve("home/.ssh"));
    if (!Files.exists(folder.resolve("client_key"))) {
      Commands.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder + "/client_key");
      Files.copy(folder.resolve("client_key.pub"), home.resolve("authorized_keys"));
      makeHostKey(folder);
    }
    for (var each : List.of("home/.ssh", "home")) {
      Commands.run("chmod", "700", folder.resolve(each).toString());
    }
    Commands.run("chmod", "600", home.resolve("authorized_keys").toString());
    Files.writeString(
        folder.resolve("passwd"), "root:x:0:0:root:" + folder.resolve("home") + ":/bin/sh\n");
    var process =
        new ProcessBuilder(
                "unshare",
                "-m",
                "sh",
                "-c",
                "mount --bind \"$1/passwd\" /etc/passwd && exec dropbear -F -E -s -j -k -m"
                    + " -r \"$1/host_key\" -p \"127.0.0.1:$2\" -P \"$1/pid\"",
                "sh",
                folder.toString(),
                "" + port)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
            .start();
    var server = new BootServer(folder, port, process);
    try {
      server.awaitAnswer();
    } catch (IOException | InterruptedException e) {
      server.close();
      throw e;
    }
    return server;
  }

  /** Another host key than before, as if somebody else answered. */
  static void makeHostKey(Path folder) throws IOException, InterruptedException {
    Files.deleteIfExists(folder.resolve("host_key"));
    var said =
        Commands.run("dropbearkey", "-t", "ed25519", "-f", folder.resolve("host_key").toString());
    var key = said.lines().filter(line -> line.startsWith("ssh-")).findFirst().orElseThrow();
    Files.writeString(folder.resolve("host_key.new.pub"), key + "\n");
  }

  private void awaitAnswer() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + STARTS_WITHIN_NANOS;
    while (true) {
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        if (socket.getInputStream().read() == 'S') {
          return;
        }
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          throw new IOException(
              "the boot server does not answer: " + Files.readString(folder.resolve("log")), e);
        }
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** Ends the server and whatever it serves. */
  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    process.onExit().join();
  }
}
