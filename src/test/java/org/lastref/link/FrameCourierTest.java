package org.lastref.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.lastref.fault.LabFault;
import org.lastref.link.Courier.Reply;
import org.lastref.link.Request.Part;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Requests over a Unix socket, as QEMU gives one. */
@NullUnmarked
public class FrameCourierTest {

  private static final Duration LIMIT = Duration.ofSeconds(10);

  private Path folder;
  private SocketLine line;
  private SocketChannel far;
  private InputStream in;
  private OutputStream out;

  @BeforeMethod
  public void connect() throws IOException {
    folder = Files.createTempDirectory("lastref-frames");
    Path socket = folder.resolve("port");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      line = SocketLine.connect(socket, "the agent's port of board bench");
      far = server.accept();
    }
    in = Channels.newInputStream(far);
    out = Channels.newOutputStream(far);
  }

  @AfterMethod(alwaysRun = true)
  public void disconnect() throws IOException {
    line.close();
    far.close();
    Files.delete(folder.resolve("port"));
    Files.delete(folder);
  }

  @Test(timeOut = 30_000)
  public void bringsRequestsAndReplies() {
    FakeAgent agent = FakeAgent.frames(in, out);
    byte[] content = FakeAgent.records(200_000, 1);
    try (FrameCourier courier = FrameCourier.over(line, "bench", LIMIT)) {
      assertEquals(
          courier.call(List.of("echo", "a b", "ä"), content, piece -> {}, LIMIT),
          new Reply(List.of("a b", "ä", Sha256.of(content))));
      LineCourierTest.Heard heard = new LineCourierTest.Heard();
      courier.call(List.of("records", "50", "50000", "9"), new byte[0], heard, LIMIT);
      heard.check(50, 50_000, 9);
      LabFault fault =
          expectThrows(LabFault.class, () -> courier.call(List.of("refuse", "x"), LIMIT));
      assertEquals(
          fault.getMessage(), "bench: the agent could not do `refuse x`: no such module: x");
      assertEquals(courier.call(List.of("true"), LIMIT), new Reply(List.of()));
      assertTrue(courier.traffic().sent() > 200_000);
      assertTrue(courier.traffic().received() > 2_500_000);
      assertEquals(agent.done, List.of("true", "echo", "records", "refuse", "true"));
    }
  }

  @Test(timeOut = 30_000)
  public void skipsWhatAnEarlierRunLeft() throws IOException {
    byte[] cut = new AgentFrame(77, new Part('D', new byte[60_000])).encoded();
    out.write(cut, 55_000, cut.length - 55_000);
    out.write("LR and a beginning".getBytes(UTF_8));
    FakeAgent.frames(in, out);
    try (FrameCourier courier = FrameCourier.over(line, "bench", LIMIT)) {
      assertEquals(courier.call(List.of("true"), LIMIT), new Reply(List.of()));
    }
  }

  @DataProvider
  public Object[][] noise() {
    byte[] garbled = new AgentFrame(5, new Part('D', new byte[10])).encoded();
    garbled[13]++;
    byte[] long1 = new AgentFrame(5, new Part('D', new byte[10])).encoded();
    long1[10] = 2;
    return new Object[][] {
      {"sh: gone\n".getBytes(UTF_8), "what came is no frame: sh: gone"},
      {garbled, "a frame of 10 bytes came garbled: LR"},
      {long1, "a frame came that says it has 131082 bytes"},
    };
  }

  @Test(timeOut = 30_000, dataProvider = "noise")
  public void saysWhatIsNoFrame(byte[] noise, String said) throws IOException {
    FakeAgent agent = FakeAgent.frames(in, out);
    try (FrameCourier courier = FrameCourier.over(line, "bench", LIMIT)) {
      new Thread(
              () -> {
                while (!agent.done.contains("silent")) {
                  Thread.onSpinWait();
                }
                try {
                  far.write(ByteBuffer.wrap(noise)); // a stream waits for the one that reads
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              })
          .start();
      LabFault fault = expectThrows(LabFault.class, () -> courier.call(List.of("silent"), LIMIT));
      assertTrue(
          fault
              .getMessage()
              .startsWith("bench: `silent` on the agent's port of board bench: " + said),
          fault.getMessage());
    }
  }

  @Test(timeOut = 30_000)
  public void saysThatTheAgentEnded() {
    FakeAgent.frames(in, out);
    try (FrameCourier courier = FrameCourier.over(line, "bench", LIMIT)) {
      LabFault fault = expectThrows(LabFault.class, () -> courier.call(List.of("die"), LIMIT));
      assertEquals(
          fault.getMessage(),
          "bench: `die` on the agent's port of board bench: the agent ended; nothing of its reply had come.");
      LabFault again = expectThrows(LabFault.class, () -> courier.call(List.of("true"), LIMIT));
      assertEquals(again.getMessage(), "bench: cannot ask the agent for `true`: the agent ended");
    }
  }

  @Test(timeOut = 30_000)
  public void saysThatNothingCame() {
    FakeAgent.frames(in, out);
    try (FrameCourier courier = FrameCourier.over(line, "bench", LIMIT)) {
      LabFault fault =
          expectThrows(
              LabFault.class, () -> courier.call(List.of("silent"), Duration.ofMillis(300)));
      assertTrue(
          fault.getMessage().contains("nothing came from the agent for 0.3 s"), fault.getMessage());
    }
  }

  @Test(timeOut = 30_000)
  public void endsAtOnceWhenItIsClosed() throws Exception {
    FakeAgent agent = FakeAgent.frames(in, out);
    FrameCourier courier = FrameCourier.over(line, "bench", LIMIT);
    Thread closer =
        new Thread(
            () -> {
              while (!agent.done.contains("silent")) {
                Thread.onSpinWait();
              }
              courier.close();
            });
    closer.start();
    LabFault fault =
        expectThrows(LabFault.class, () -> courier.call(List.of("silent"), Duration.ofSeconds(25)));
    assertTrue(fault.getMessage().contains("it was closed"), fault.getMessage());
    closer.join();
  }
}
