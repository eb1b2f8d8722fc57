package org.lastref.link;

import com.fazecast.jSerialComm.SerialPort;
import com.fazecast.jSerialComm.SerialPortInvalidPortException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.LabFault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A serial port: a UART, a USB adapter or a pseudo-terminal such as QEMU's {@code -chardev pty}; 8
 * data bits, no parity, one stop bit, no flow control.
 *
 * <p>Neither a write nor a close of jSerialComm ends by itself when the other side does not drain,
 * so each runs on a thread of its own and is given up after a limit.
 */
public final class SerialLine implements Line {

  private static final Logger LOG = LoggerFactory.getLogger(SerialLine.class);

  /** How long the other side may take for {@link #PIECE} bytes: 1 s is normal at 9,600 baud. */
  private static final Duration WRITE_LIMIT = Duration.ofSeconds(10);

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);
  private static final int PIECE = 1024;
  private static final int READ_WAIT_MILLIS = 100;

  // errno of Linux, as getLastErrorCode gives them.
  private static final int EAGAIN = 11;
  private static final int EACCES = 13;
  private static final int EBUSY = 16;

  /** What jSerialComm itself reports for a port this process has open. */
  private static final int OPEN_HERE = 2;

  private final SerialPort port;
  private final String name;
  private final ExecutorService writer;
  private final Object writeLock = new Object();
  private volatile String broken = "";

  private SerialLine(SerialPort port, String name) {
    this.port = port;
    this.name = name;
    this.writer = Executors.newSingleThreadExecutor(task -> daemon("write " + name, task));
  }

  /**
   * Opens a port. Nothing that waits in its buffer is thrown away.
   *
   * @param device a path such as {@code /dev/serial/by-id/...} or {@code /dev/pts/3}; links are
   *     followed
   * @param baud bits per second, ignored by a pseudo-terminal
   * @throws LabFault if there is no such port, it may not be used, or someone else uses it
   */
  public static SerialLine open(String device, int baud) {
    Path path = realPath(device);
    if (!Files.isReadable(path) || !Files.isWritable(path)) {
      throw forbidden(device);
    }
    SerialPort port;
    try {
      port = SerialPort.getCommPort(path.toString());
    } catch (SerialPortInvalidPortException e) {
      throw new LabFault("Cannot open " + device + ": it is not a serial port.", e);
    }
    // Before opening: opening raises DTR and RTS, and the wrong rate would lose the first bytes.
    port.setComPortParameters(baud, 8, SerialPort.ONE_STOP_BIT, SerialPort.NO_PARITY);
    port.setFlowControl(SerialPort.FLOW_CONTROL_DISABLED);
    port.setComPortTimeouts(SerialPort.TIMEOUT_READ_SEMI_BLOCKING, READ_WAIT_MILLIS, 0);
    if (!port.openPort()) {
      throw refused(device, baud, port.getLastErrorCode());
    }
    return new SerialLine(port, "serial " + device);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int read(byte[] buffer) {
    return port.readBytes(buffer, buffer.length);
  }

  @Override
  public void write(byte[] bytes) {
    synchronized (writeLock) {
      int done = 0;
      while (done < bytes.length) {
        done += writePiece(Arrays.copyOfRange(bytes, done, Math.min(done + PIECE, bytes.length)));
      }
    }
  }

  /** Holds the line low; of no effect on a pseudo-terminal. */
  public void sendBreak() {
    synchronized (writeLock) {
      port.setBreak();
      port.clearBreak();
    }
  }

  private int writePiece(byte[] piece) {
    if (!broken.isEmpty()) {
      throw new LabFault("Cannot write to " + name + ": " + broken);
    }
    Future<Integer> written = writer.submit(() -> port.writeBytes(piece, piece.length));
    try {
      int count = written.get(WRITE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      if (count <= 0) {
        throw broken("the other side is gone. Check the cable, or whether QEMU still runs.", null);
      }
      return count;
    } catch (TimeoutException e) {
      throw broken(
          "the other side took nothing for "
              + WRITE_LIMIT.toSeconds()
              + " s. Check that the board runs and that nothing holds its flow control.",
          e);
    } catch (ExecutionException e) {
      throw broken("the port failed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabFault("Interrupted while writing to " + name + ".", e);
    }
  }

  private LabFault broken(String why, @Nullable Throwable cause) {
    broken = why;
    return new LabFault("Cannot write to " + name + ": " + why, cause);
  }

  @Override
  public void close() {
    broken = "it is closed.";
    writer.shutdown();
    Thread closer = daemon("close " + name, port::closePort);
    closer.start();
    try {
      closer.join(CLOSE_LIMIT.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (closer.isAlive()) {
      LOG.warn("{} did not close within {} s; left behind", name, CLOSE_LIMIT.toSeconds());
    }
  }

  private static Path realPath(String device) {
    try {
      return Path.of(device).toRealPath();
    } catch (IOException e) {
      throw new LabFault(
          "There is no serial port "
              + device
              + ". Check that the adapter is plugged in (ls /dev/serial/by-id) or that QEMU runs.",
          e);
    }
  }

  private static LabFault refused(String device, int baud, int errno) {
    return switch (errno) {
      case EAGAIN, EBUSY, OPEN_HERE ->
          new LabFault(
              "Cannot open "
                  + device
                  + ": the port is in use. Find who holds it with: fuser -v "
                  + device);
      case EACCES -> forbidden(device);
      default ->
          new LabFault(
              "Cannot open "
                  + device
                  + " at "
                  + baud
                  + " baud: error "
                  + errno
                  + " from the system. Check that it is a serial port and knows this rate.");
    };
  }

  private static LabFault forbidden(String device) {
    return new LabFault(
        "No permission for "
            + device
            + ". Join the group that owns it, usually: sudo adduser $USER dialout");
  }

  private static Thread daemon(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }
}
