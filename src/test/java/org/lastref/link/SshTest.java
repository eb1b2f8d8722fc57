package org.lastref.link;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.sshd.common.cipher.ECCurves;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.keyprovider.MappedKeyPairProvider;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.shell.ProcessShellFactory;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullUnmarked;
import org.lastref.fault.LabFault;
import org.lastref.link.Shell.Reply;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Against a server on the loopback whose commands run here. */
@NullUnmarked
public class SshTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private KeyPair hostPair;
  private KeyPair otherPair;
  private KeyPair clientPair;
  private Path folder;
  private Path hostKey;
  private Path clientKey;
  private SshServer server;

  @BeforeClass
  public void makeKeys() throws GeneralSecurityException {
    hostPair = ed25519();
    otherPair = ed25519();
    clientPair = ed25519();
  }

  @BeforeMethod
  public void startServer() throws Exception {
    folder = Files.createTempDirectory("lastref-ssh");
    hostKey = publicKey("host.pub", hostPair);
    clientKey = privateKey("client", clientPair);
    server = server(0, KeyPairProvider.wrap(hostPair));
    server.start();
  }

  @AfterMethod(alwaysRun = true)
  public void stopServer() throws IOException {
    server.stop(true);
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test(timeOut = 60_000)
  public void runsCommandsInOneShell() {
    try (Shell shell = connect()) {
      assertEquals(
          shell.run(List.of("echo", "it's", "$HOME"), LIMIT), new Reply(0, "it's $HOME\n"));
      assertEquals(
          shell.run(List.of("sh", "-c", "echo no >&2; printf yes; exit 7"), LIMIT),
          new Reply(7, "yes"));
      String expected =
          IntStream.rangeClosed(1, 200_000).mapToObj(i -> i + "\n").collect(Collectors.joining());
      assertEquals(shell.run(List.of("seq", "200000"), LIMIT).output(), expected);
      assertTrue(shell.traffic().received() > expected.length());
      assertTrue(shell.traffic().sent() > 0);
    }
  }

  @Test(timeOut = 60_000)
  public void takesEcdsaKeys() throws Exception {
    KeyPair host = KeyUtils.generateKeyPair(ECCurves.nistp256.getKeyType(), 256);
    KeyPair client = KeyUtils.generateKeyPair(ECCurves.nistp256.getKeyType(), 256);
    // The one we know is not the first the server would show.
    server.setKeyPairProvider(new MappedKeyPairProvider(otherPair, host));
    clientPair = client;
    try (Shell shell = connect(privateKey("ecdsa", client), publicKey("ecdsa.pub", host), LIMIT)) {
      assertEquals(shell.run(List.of("echo", "hello"), LIMIT).output(), "hello\n");
    } finally {
      clientPair = ed25519();
    }
  }

  @Test(timeOut = 60_000)
  public void uploadsAFile() throws IOException {
    byte[] content = new byte[300_000];
    new Random(3).nextBytes(content);
    try (Shell shell = connect()) {
      shell.upload(content, folder.resolve("file").toString());
    }
    assertEquals(Files.readAllBytes(folder.resolve("file")), content);
  }

  @Test(timeOut = 60_000)
  public void killsACommandThatHangsWithItsChildren() {
    try (Shell shell = connect()) {
      LabFault fault =
          expectThrows(
              LabFault.class,
              () ->
                  shell.run(
                      List.of("sh", "-c", "echo $$ >" + folder + "/pid; sleep 1000; echo late"),
                      Duration.ofSeconds(1)));
      assertTrue(fault.getMessage().contains("the shell answers again"), fault.getMessage());
      assertEquals(shell.run(List.of("echo", "on"), LIMIT).output(), "on\n");
      long pid = Long.parseLong(Files.readString(folder.resolve("pid")).strip());
      assertFalse(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test(timeOut = 60_000)
  public void stopsACommandThatFloods() {
    try (Shell shell = connect()) {
      LabFault fault = expectThrows(LabFault.class, () -> shell.run(List.of("yes"), LIMIT));
      assertTrue(fault.getMessage().contains("wrote more than 8 MiB"), fault.getMessage());
      assertEquals(shell.run(List.of("echo", "on"), LIMIT).output(), "on\n");
    }
  }

  @Test(timeOut = 60_000)
  public void saysInTimeThatTheServerVanished() {
    try (Shell shell = connect()) {
      Thread accident =
          new Thread(
              () -> {
                Awaitility.await("the command to run")
                    .until(() -> Files.exists(folder.resolve("running")));
                server.close(true);
              });
      accident.start();
      LabFault fault =
          expectThrows(
              LabFault.class,
              () ->
                  shell.run(
                      List.of("sh", "-c", "echo >" + folder + "/running; exec sleep 5"),
                      Duration.ofMinutes(10)));
      assertTrue(fault.getMessage().contains("went away"), fault.getMessage());
    }
  }

  @Test(timeOut = 60_000)
  public void saysInTimeThatTheConnectionWasCutInTheMiddleOfATransfer() throws Exception {
    try (ServerSocket cut = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket toServer = new Socket(InetAddress.getLoopbackAddress(), server.getPort())) {
      Thread proxy = new Thread(() -> forward(cut, toServer, 200_000));
      proxy.start();
      try (Shell shell =
          Ssh.connect("127.0.0.1", cut.getLocalPort(), "root", clientKey, hostKey, LIMIT)) {
        assertFalse(shell.gone());
        byte[] content = new byte[1_000_000];
        new Random(4).nextBytes(content);
        LabFault fault =
            expectThrows(LabFault.class, () -> shell.upload(content, folder + "/file"));
        assertTrue(
            fault.getMessage().contains("went away") || fault.getMessage().contains("Cannot write"),
            fault.getMessage());
        Awaitility.await("the shell to be known as gone").until(shell::gone);
      }
      proxy.join();
    }
    assertFalse(Files.exists(folder.resolve("file")));
  }

  /** Ends both ways after so many bytes from the client. */
  private static void forward(ServerSocket from, Socket to, int limit) {
    try (Socket client = from.accept()) {
      Thread back =
          new Thread(
              () -> {
                try {
                  to.getInputStream().transferTo(client.getOutputStream());
                } catch (IOException e) {
                  // cut
                }
              });
      back.start();
      byte[] buffer = new byte[4096];
      int moved = 0;
      for (int count = 0; moved < limit && count >= 0; moved += count) {
        to.getOutputStream().write(buffer, 0, count);
        count = client.getInputStream().read(buffer);
      }
      to.close();
      client.shutdownOutput();
      back.join();
    } catch (IOException e) {
      // The client was quicker.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test(timeOut = 60_000)
  public void waitsForAServerThatIsStillBooting() throws Exception {
    int port = server.getPort();
    server.stop(true);
    SshServer late = server(port, KeyPairProvider.wrap(hostPair));
    Thread boot =
        new Thread(
            () -> {
              try (ServerSocket silent =
                  new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                silent.accept().close(); // the port answers before the server does
              } catch (IOException e) {
                throw new AssertionError(e);
              }
              try {
                late.start();
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    boot.start();
    try (Shell shell =
        Ssh.connect("127.0.0.1", port, "root", clientKey, hostKey, Duration.ofSeconds(30))) {
      assertEquals(shell.run(List.of("echo", "up"), LIMIT).output(), "up\n");
    } finally {
      boot.join();
      late.stop(true);
    }
  }

  @Test(timeOut = 60_000)
  public void refusesAnotherHostKeyAtOnce() throws IOException {
    Path other = publicKey("other.pub", otherPair);
    LabFault fault =
        expectThrows(LabFault.class, () -> connect(clientKey, other, Duration.ofMinutes(10)));
    assertTrue(
        fault
            .getMessage()
            .contains(
                "has the host key "
                    + KeyUtils.getFingerPrint(hostPair.getPublic())
                    + ", but "
                    + other
                    + " has "
                    + KeyUtils.getFingerPrint(otherPair.getPublic())),
        fault.getMessage());
  }

  @Test(timeOut = 60_000)
  public void saysThatTheClientKeyIsRefused() throws Exception {
    Path other = privateKey("other", otherPair);
    LabFault fault =
        expectThrows(LabFault.class, () -> connect(other, hostKey, Duration.ofMinutes(10)));
    assertTrue(
        fault.getMessage().contains("does not let root log in with " + other), fault.getMessage());
  }

  @Test(timeOut = 60_000)
  public void saysWhatItWaitedForWhenNobodyAnswers() throws IOException {
    server.stop(true);
    LabFault fault =
        expectThrows(LabFault.class, () -> connect(clientKey, hostKey, Duration.ofMillis(500)));
    assertTrue(
        fault
            .getMessage()
            .startsWith(
                "Waited 0.5 s for an SSH server on 127.0.0.1:" + server.getPort() + "; last: "),
        fault.getMessage());
  }

  @Test(timeOut = 60_000)
  public void saysWhichKeyIsMissing() {
    LabFault host =
        expectThrows(LabFault.class, () -> connect(clientKey, folder.resolve("none"), LIMIT));
    assertTrue(host.getMessage().startsWith("Cannot read the host key "), host.getMessage());
    LabFault client =
        expectThrows(LabFault.class, () -> connect(folder.resolve("none"), hostKey, LIMIT));
    assertTrue(client.getMessage().startsWith("Cannot read the client key "), client.getMessage());
    LabFault garbage = expectThrows(LabFault.class, () -> connect(clientKey, clientKey, LIMIT));
    assertTrue(garbage.getMessage().contains("host key"), garbage.getMessage());
  }

  private Shell connect() {
    return connect(clientKey, hostKey, LIMIT);
  }

  private Shell connect(Path client, Path host, Duration limit) {
    return Ssh.connect("127.0.0.1", server.getPort(), "root", client, host, limit);
  }

  private SshServer server(int port, KeyPairProvider keys) {
    SshServer made = SshServer.setUpDefaultServer();
    made.setHost("127.0.0.1");
    made.setPort(port);
    made.setKeyPairProvider(keys);
    made.setPublickeyAuthenticator(
        (user, key, session) ->
            user.equals("root") && KeyUtils.compareKeys(key, clientPair.getPublic()));
    made.setCommandFactory(
        (channel, command) ->
            new ProcessShellFactory(command, "/bin/sh", "-c", command).createShell(channel));
    return made;
  }

  private Path publicKey(String name, KeyPair pair) throws IOException {
    StringBuilder line = new StringBuilder();
    PublicKeyEntry.appendPublicKeyEntry(line, pair.getPublic());
    return Files.writeString(folder.resolve(name), line + " board\n", US_ASCII);
  }

  private Path privateKey(String name, KeyPair pair) throws IOException, GeneralSecurityException {
    Path file = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(file)) {
      OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(pair, "client", null, out);
    }
    return file;
  }

  private static KeyPair ed25519() throws GeneralSecurityException {
    return SecurityUtils.getKeyPairGenerator(SecurityUtils.EDDSA).generateKeyPair();
  }
}
