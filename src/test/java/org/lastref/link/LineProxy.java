package org.lastref.link;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A serial line as it is in a lab, between a board and the harness: it is as slow as its rate, and
 * loses, doubles and changes bytes, stalls, vanishes and comes back when told to.
 *
 * <p>The harness's end is a pseudo-terminal under a link that stays the same; the board's is any
 * address of socat's, such as {@code FILE:/dev/pts/3,raw,echo=0} or {@code
 * UNIX-CONNECT:/run/board.sock}, which is opened again when it closes, so that a board can be
 * switched off and on behind its adapter. What is sent to a board that is off is lost, as is what
 * it says while nobody has the port open.
 *
 * <p>Needs nothing but socat and Java, see {@link #main}.
 */
public final class LineProxy implements AutoCloseable {

  private static final long AGAIN_MILLIS = 50;

  private final Path link;
  private final Lane toBoard;
  private final Lane toHarness;
  private final End harness;
  private final End board;
  private volatile boolean closed;

  private LineProxy(Path link, String address, int baud) {
    this.link = link;
    String pty = "PTY,raw,echo=0,link=" + link;
    harness = new End("harness", pty);
    board = new End("board", address);
    toBoard = new Lane("to-board", baud, board);
    toHarness = new Lane("to-harness", baud, harness);
    harness.start(toBoard);
    board.start(toHarness);
    toBoard.start();
    toHarness.start();
  }

  /**
   * Puts a line between a board and a link, and waits until the link is there.
   *
   * @param link what the harness opens as its serial port
   * @param address the board's end, as socat takes it
   * @param baud bits a second, ten a byte; 0 is as fast as it goes
   */
  public static LineProxy between(Path link, String address, int baud) {
    LineProxy proxy = new LineProxy(link, address, baud);
    try {
      proxy.awaitLink(true);
      proxy.awaitBoard();
      return proxy;
    } catch (RuntimeException e) {
      proxy.close();
      throw e;
    }
  }

  /** As {@link #between(Path, String, int)}, for a board's terminal. */
  public static LineProxy to(Path tty, Path link, int baud) {
    return between(link, "FILE:" + tty + ",raw,echo=0", baud);
  }

  /** What the harness opens. */
  public Path link() {
    return link;
  }

  /** The way of what the harness sends. */
  public Lane toBoard() {
    return toBoard;
  }

  /** The way of what the board sends. */
  public Lane toHarness() {
    return toHarness;
  }

  /** Takes the harness's port away, as when the adapter is pulled out, and waits until it is. */
  public void vanish() {
    harness.present(false);
    awaitLink(false);
  }

  /** Gives the port back under the same link; waits for it. */
  public void comeBack() {
    harness.present(true);
    awaitLink(true);
  }

  @Override
  public void close() {
    closed = true;
    harness.present(false);
    board.present(false);
    toBoard.thread.interrupt();
    toHarness.thread.interrupt();
    removeLink();
  }

  private void awaitLink(boolean there) {
    await("the link " + link + (there ? " to appear" : " to go"), () -> linked() == there);
  }

  private boolean linked() {
    return Files.isSymbolicLink(link) && Files.exists(link);
  }

  /** A board that is off is no fault; one that is there should be before anything is sent. */
  private void awaitBoard() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
    while (!board.connected() && System.nanoTime() < deadline) {
      pause(2);
    }
  }

  private static void await(String what, Condition condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("waited 10 s for " + what);
      }
      pause(2);
    }
  }

  private void removeLink() {
    try {
      if (Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
        Files.delete(link);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void pause(long millis) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private static Thread daemon(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  private interface Condition {
    boolean holds();
  }

  /** One end of the line: a socat that is started again whenever it ends, while it is present. */
  private final class End {

    private final String name;
    private final String address;
    private @Nullable Process process;
    private @Nullable Process holder;
    private boolean present = true;

    End(String name, String address) {
      this.name = name;
      this.address = address;
    }

    void start(Lane to) {
      daemon(
              "line " + name,
              () -> {
                while (!closed) {
                  pump(to);
                  pause(AGAIN_MILLIS);
                }
              })
          .start();
    }

    private void pump(Lane to) {
      try (InputStream in = open()) {
        byte[] buffer = new byte[1024];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          to.offer(buffer, count);
        }
      } catch (IOException e) {
        // It ended, as it does when it is told to.
      }
    }

    private synchronized InputStream open() throws IOException {
      if (!present) {
        return InputStream.nullInputStream();
      }
      process =
          new ProcessBuilder("socat", "-b", "1024", "STDIO", address)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (address.startsWith("PTY")) {
        // Else the pseudo-terminal ends when the harness closes its port. Opened by a process that
        // leads no session, so that it becomes nobody's controlling terminal.
        holder =
            new ProcessBuilder(
                    "sh",
                    "-c",
                    "until [ -c \"$0\" ]; do kill -0 $1 || exit; sleep 0.01; done;"
                        + " exec sleep 1000000 <\"$0\"",
                    link.toString(),
                    "" + process.pid())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
      }
      return process.getInputStream();
    }

    synchronized boolean connected() {
      return process != null && process.isAlive();
    }

    /** Takes the end away, or lets it come back. */
    void present(boolean there) {
      synchronized (this) {
        present = there;
        if (there) {
          return;
        }
        end(holder);
        end(process);
      }
      removeLinkOfMine();
    }

    /** Not by force: so it takes its link away. */
    private static void end(@Nullable Process some) {
      if (some != null) {
        some.destroy();
      }
    }

    private void removeLinkOfMine() {
      if (address.startsWith("PTY")) {
        await("socat to end", () -> !connected());
        removeLink();
      }
    }

    void write(byte[] bytes, int count) {
      @Nullable Process now;
      synchronized (this) {
        now = process;
      }
      if (now == null) {
        return;
      }
      try {
        now.getOutputStream().write(bytes, 0, count);
        now.getOutputStream().flush();
      } catch (IOException e) {
        // Nobody there: lost.
      }
    }
  }

  /** One way of the line. Everything may be set while it carries bytes. */
  public static final class Lane {

    private static final int BUFFER = 4096;
    private static final int FIFO = 16;

    /** A thread that overslept may catch up with this much, in nanoseconds. */
    private static final long CATCH_UP = 20_000_000;

    /** Nobody takes anything for so long: then nobody has the port open. */
    private static final long CLOGGED_MILLIS = 1000;

    private final End to;
    private final Thread thread;
    private final byte[] queue = new byte[BUFFER];
    private int first;
    private int size;
    private boolean stalled;
    private boolean clogged;
    private int receiver;
    private volatile int baud;
    private volatile Faults faults = Faults.NONE;
    private volatile Random random = new Random(0);
    private long moved;
    private long harmed;
    private long overrun;

    private Lane(String name, int baud, End to) {
      this.to = to;
      this.baud = baud;
      this.thread = daemon("line " + name, this::carry);
    }

    private void start() {
      thread.start();
    }

    /** Breaks bytes from now on, always in the same way for a seed. */
    public void faults(Faults wanted, long seed) {
      random = new Random(seed);
      faults = wanted;
    }

    /** Bits a second from now on; 0 is as fast as it goes. */
    public void baud(int rate) {
      baud = rate;
    }

    /** Carries nothing until told otherwise; what is sent waits. */
    public synchronized void stall(boolean stop) {
      stalled = stop;
      notifyAll();
    }

    /**
     * How many bytes wait at most for their turn; what comes faster than the rate beyond that is
     * lost, as in a UART whose FIFO is outrun. 0, as at first, makes the sender wait instead.
     */
    public synchronized void receiver(int bytes) {
      receiver = Math.min(bytes, BUFFER);
      notifyAll();
    }

    /** Bytes that were given to this lane and reached its end, harmed or not. */
    public synchronized long moved() {
      return moved;
    }

    /** Bytes that were dropped, doubled or changed on purpose. */
    public synchronized long harmed() {
      return harmed;
    }

    /** Bytes lost because they came faster than the rate, or nobody took them. */
    public synchronized long overrun() {
      return overrun;
    }

    private synchronized void offer(byte[] bytes, int count) {
      for (int i = 0; i < count; i++) {
        if (!room()) {
          overrun++;
          continue;
        }
        queue[(first + size) % BUFFER] = bytes[i];
        size++;
      }
      notifyAll();
    }

    private boolean room() {
      if (receiver > 0) {
        return size < receiver;
      }
      long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOGGED_MILLIS);
      try {
        while (size == BUFFER && (stalled || !clogged)) {
          notifyAll();
          wait(CLOGGED_MILLIS);
          clogged = !stalled && size == BUFFER && System.nanoTime() > deadline;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return size < BUFFER;
    }

    private synchronized byte[] take() throws InterruptedException {
      while (size == 0 || stalled) {
        wait();
      }
      byte[] piece = new byte[Math.min(size, baud == 0 ? BUFFER : FIFO)];
      for (int i = 0; i < piece.length; i++) {
        piece[i] = queue[(first + i) % BUFFER];
      }
      return piece;
    }

    /** Only now, so that what is on its way counts for the receiver. */
    private synchronized void done(int count) {
      first = (first + count) % BUFFER;
      size -= count;
      moved += count;
      clogged = false;
      notifyAll();
    }

    private void carry() {
      try {
        long free = System.nanoTime();
        while (!Thread.interrupted()) {
          byte[] piece = take();
          int rate = baud;
          if (rate > 0) {
            free =
                Math.max(free, System.nanoTime() - CATCH_UP)
                    + piece.length * 10_000_000_000L / rate;
            for (long left = free - System.nanoTime(); left > 0; left = free - System.nanoTime()) {
              LockSupport.parkNanos(left);
              if (Thread.interrupted()) {
                return;
              }
            }
          }
          byte[] out = new byte[2 * piece.length];
          to.write(out, harm(piece, out));
          done(piece.length);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private int harm(byte[] piece, byte[] out) {
      Faults now = faults;
      Random dice = random;
      int count = 0;
      int harms = 0;
      for (byte each : piece) {
        double fate = now.any() ? dice.nextDouble() : 1;
        byte value = each;
        if (fate < now.drop()) {
          harms++;
          continue;
        }
        fate -= now.drop();
        if (fate < now.garble()) {
          value ^= (byte) (1 << dice.nextInt(8));
          harms++;
        } else if (fate < now.garble() + now.duplicate()) {
          out[count++] = value;
          harms++;
        }
        out[count++] = value;
      }
      synchronized (this) {
        harmed += harms;
      }
      return count;
    }
  }

  /** How likely each byte is lost, has one bit changed, or comes twice: 0 to 1, in sum too. */
  public record Faults(double drop, double garble, double duplicate) {

    /** A line that is well. */
    public static final Faults NONE = new Faults(0, 0, 0);

    boolean any() {
      return drop + garble + duplicate > 0;
    }
  }

  /**
   * A line as a process of its own, until it is ended by a signal:
   *
   * <pre>
   *   java -cp target/test-classes org.lastref.link.LineProxy LINK ADDRESS [BAUD]
   * </pre>
   *
   * LINK is what the harness opens, ADDRESS the board's end as socat takes it, BAUD bits a second
   * (115200 if left out, 0 for no limit). It says {@code ready} once the link is there. On its
   * standard input it takes, a line each:
   *
   * <pre>
   *   faults DIRECTION DROP GARBLE DUPLICATE SEED   probabilities a byte, such as 0.001
   *   baud DIRECTION RATE
   *   stall DIRECTION, resume DIRECTION
   *   vanish, return                                of the harness's port
   *   count                                         says bytes moved: count TO-BOARD TO-HARNESS
   *   quit
   * </pre>
   *
   * where DIRECTION is {@code to-board}, {@code to-harness} or {@code both}; each is answered with
   * {@code ok} or with what is wrong. The end of the standard input changes nothing.
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length < 2 || arguments.length > 3) {
      System.err.println("usage: LineProxy LINK ADDRESS [BAUD]");
      System.exit(2);
    }
    int baud = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 115_200;
    LineProxy proxy = between(Path.of(arguments[0]), arguments[1], baud);
    Runtime.getRuntime().addShutdownHook(new Thread(proxy::close));
    System.out.println("ready");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.equals("quit")) {
        System.exit(0);
      }
      try {
        System.out.println(proxy.told(line.split(" ", -1)));
      } catch (RuntimeException e) {
        System.out.println("cannot do \"" + line + "\": " + e);
      }
    }
    Thread.currentThread().join();
  }

  private String told(String[] words) {
    switch (words[0]) {
      case "vanish" -> vanish();
      case "return" -> comeBack();
      case "count" -> {
        return "count " + toBoard.moved() + " " + toHarness.moved();
      }
      default -> {
        if (!words[1].equals("to-harness")) {
          tell(toBoard, words);
        }
        if (!words[1].equals("to-board")) {
          tell(toHarness, words);
        }
      }
    }
    return "ok";
  }

  private static void tell(Lane lane, String[] words) {
    switch (words[0]) {
      case "faults" ->
          lane.faults(
              new Faults(
                  Double.parseDouble(words[2]),
                  Double.parseDouble(words[3]),
                  Double.parseDouble(words[4])),
              Long.parseLong(words[5]));
      case "baud" -> lane.baud(Integer.parseInt(words[2]));
      case "stall" -> lane.stall(true);
      case "resume" -> lane.stall(false);
      default -> throw new IllegalArgumentException("unknown");
    }
  }
}
