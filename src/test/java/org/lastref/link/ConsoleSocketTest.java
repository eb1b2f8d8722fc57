package org.lastref.link;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullUnmarked;
import org.lastref.fault.LabFault;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

@NullUnmarked
public class ConsoleSocketTest {

  private Path folder;
  private Path path;
  private PtyBoard board;
  private Console console;
  private ConsoleSocket socket;

  @BeforeMethod
  public void serve() throws IOException {
    folder = Files.createTempDirectory("lastref-socket");
    path = folder.resolve("console");
    board = PtyBoard.bare();
    console = Console.attach(SerialLine.open(board.device(), 115_200), folder.resolve("log"));
    socket = ConsoleSocket.serve(console, path);
  }

  @AfterMethod(alwaysRun = true)
  public void end() throws IOException {
    socket.close();
    console.close();
    board.close();
    assertFalse(Files.exists(path));
    Files.deleteIfExists(folder.resolve("log"));
    Files.delete(folder);
  }

  @Test(timeOut = 30_000)
  public void showsSeveralPeopleTheConsoleAndLetsThemType() throws IOException {
    say("before\n");
    await(7);
    try (SocketChannel one = connect();
        SocketChannel two = connect()) {
      assertEquals(read(one, 7), "before\n");
      assertEquals(read(two, 7), "before\n");
      say("now");
      assertEquals(read(one, 3), "now");
      assertEquals(read(two, 3), "now");
      one.write(ByteBuffer.wrap("ls\n".getBytes(US_ASCII)));
      assertEquals(new String(board.out().readNBytes(3), US_ASCII), "ls\n");
    }
    assertEquals(console.tail(5), "before\nnow");
  }

  @Test(timeOut = 30_000)
  public void isForItsOwnerAlone() throws IOException {
    assertEquals(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)), "rw-------");
  }

  @Test(timeOut = 60_000)
  public void dropsWhoDoesNotReadAndKeepsReading() throws IOException {
    try (SocketChannel slow = connect()) {
      byte[] much = new byte[3 << 20];
      java.util.Arrays.fill(much, (byte) 'x');
      board.in().write(much);
      board.in().flush();
      await(much.length);
      slow.configureBlocking(true);
      ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
      long got = 0;
      for (int count = slow.read(buffer); count >= 0; count = slow.read(buffer.clear())) {
        got += count;
      }
      assertTrue(got <= much.length, "" + got);
    }
  }

  @Test(timeOut = 30_000)
  public void refusesASocketThatIsServedAndReplacesADeadOne() throws IOException {
    LabFault fault = expectThrows(LabFault.class, () -> ConsoleSocket.serve(console, path));
    assertTrue(fault.getMessage().contains("already offered"), fault.getMessage());
    Path dead = folder.resolve("dead");
    Files.createFile(dead);
    ConsoleSocket.serve(console, dead).close();
  }

  @Test
  public void showsNothingThatATerminalWouldObey() {
    byte[] bytes = "a\u001b[2Jb\r\n\tc\\".getBytes(US_ASCII);
    assertEquals(ConsoleSocket.printable(bytes, bytes.length), "a\\x1b[2Jb\r\n\tc\\");
  }

  private SocketChannel connect() throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(path));
  }

  private void say(String text) throws IOException {
    board.in().write(text.getBytes(US_ASCII));
    board.in().flush();
  }

  private void await(long received) {
    Awaitility.await(received + " bytes to be read")
        .atMost(Duration.ofSeconds(20))
        .until(() -> console.traffic().received() == received);
  }

  private static String read(SocketChannel channel, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
      // Goes on.
    }
    return new String(buffer.array(), 0, buffer.position(), US_ASCII);
  }
}
