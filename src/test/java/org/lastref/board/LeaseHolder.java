package org.lastref.board;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.lastref.fault.LabFault;

/** A process of its own that takes a board, says so, and holds it until its input ends. */
public final class LeaseHolder implements AutoCloseable {

  private final Process process;
  private final BufferedReader said;

  private LeaseHolder(Process process) {
    this.process = process;
    said = process.inputReader(StandardCharsets.UTF_8);
  }

  public static LeaseHolder start(Path folder, String board, Duration wait) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            LeaseHolder.class.getName(),
            folder.toString(),
            board,
            wait.toString());
    return new LeaseHolder(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** The next line that it says: {@code waiting...}, {@code taken} or {@code refused: ...}. */
  public String next() throws IOException {
    return String.valueOf(said.readLine());
  }

  public long pid() {
    return process.pid();
  }

  /** Lets it give the board back and end. */
  public void end() throws Exception {
    process.getOutputStream().close();
    process.waitFor();
  }

  /** SIGKILL. */
  public void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  @Override
  public void close() {
    kill();
  }

  /** Folder, board, duration. */
  public static void main(String[] words) throws Exception {
    Leases leases = Leases.in(Path.of(words[0]));
    Holder me = Holder.here(List.of("holder", words[1]), "");
    try (Lease lease = leases.take(words[1], me, Duration.parse(words[2]), System.out::println)) {
      System.out.println(lease.holder().pid() == 0 ? "nobody" : "taken");
      System.in.transferTo(System.out);
    } catch (LabFault e) {
      System.out.println("refused: " + e.getMessage());
    }
  }
}
