package org.lastref.fdt;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;

/**
 * Compiles overlay sources with {@code dtc}. There is no C preprocessor: a source may use {@code
 * /include/}, but not {@code #include}.
 */
public final class OverlayCompiler {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int MESSAGES = 64 << 10;
  private static final Pattern PREPROCESSOR =
      Pattern.compile("^\\s*#\\s*(include|define|ifdef|ifndef|if)\\b", Pattern.MULTILINE);
  private static final Pattern ERROR =
      Pattern.compile("^.*\\berror\\b.*$", Pattern.MULTILINE | Pattern.CASE_INSENSITIVE);

  private final String program;
  private final Duration limit;

  /** Uses the {@code dtc} of the search path, for up to 30 seconds a source. */
  public OverlayCompiler() {
    this("dtc", LIMIT);
  }

  OverlayCompiler(String program, Duration limit) {
    this.program = program;
    this.limit = limit;
  }

  /**
   * Compiles a {@code .dtso} or {@code .dts}.
   *
   * @param symbols whether labels go into {@code __symbols__} ({@code dtc -@}); the kernel refuses
   *     an overlay that has one if the base tree has none
   * @return the blob, at most {@link Fdt#MAX_SIZE} bytes
   * @throws InputFault with {@code dtc}'s messages where it refuses the source
   * @throws LabFault where {@code dtc} cannot be run or does not finish
   */
  public byte[] compile(Path source, boolean symbols) {
    if (!Files.isReadable(source) || !Files.isRegularFile(source)) {
      throw new InputFault("cannot compile " + source + ": no such file, or it cannot be read");
    }
    // Quiet, so that warnings cannot push the error out of what is kept of the messages.
    List<String> command = new ArrayList<>(List.of(program, "-q", "-I", "dts", "-O", "dtb"));
    if (symbols) {
      command.add("-@");
    }
    // Absolute, so that a name cannot pass for an option.
    command.add(source.toAbsolutePath().toString());
    Process process = start(command, source);
    try {
      return finish(process, source);
    } finally {
      process.destroyForcibly();
    }
  }

  private Process start(List<String> command, Path source) {
    try {
      Process process = new ProcessBuilder(command).start();
      process.getOutputStream().close();
      return process;
    } catch (IOException e) {
      throw new LabFault(
          "cannot run %s to compile %s: %s; install the package device-tree-compiler"
              .formatted(program, source, e.getMessage()),
          e);
    }
  }

  private byte[] finish(Process process, Path source) {
    FutureTask<byte[]> blob = read(process.getInputStream(), Fdt.MAX_SIZE + 1, "dtc-blob");
    FutureTask<byte[]> messages = read(process.getErrorStream(), MESSAGES, "dtc-messages");
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new LabFault(
            "%s did not finish compiling %s within %d ms"
                .formatted(program, source, limit.toMillis()));
      }
      byte[] compiled = blob.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      String said = printable(messages.get(limit.toMillis(), TimeUnit.MILLISECONDS));
      if (process.exitValue() != 0) {
        throw new InputFault(refusal(source, said));
      }
      if (compiled.length > Fdt.MAX_SIZE) {
        throw new InputFault(
            "%s compiles to more than the limit of %d bytes".formatted(source, Fdt.MAX_SIZE));
      }
      return compiled;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabFault("interrupted while " + program + " compiled " + source, e);
    } catch (ExecutionException | TimeoutException e) {
      throw new LabFault("cannot read what " + program + " made of " + source + ": " + e, e);
    }
  }

  /** Keeps up to {@code most} bytes and lets go of the rest, so that the program can end. */
  private static FutureTask<byte[]> read(InputStream in, int most, String name) {
    FutureTask<byte[]> task =
        new FutureTask<>(
            () -> {
              try (in) {
                byte[] kept = in.readNBytes(most);
                in.transferTo(OutputStream.nullOutputStream());
                return kept;
              }
            });
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  private static String refusal(Path source, String said) {
    String first =
        ERROR.matcher(said).results().map(r -> r.group().strip()).findFirst().orElse("no message");
    String hint =
        usesPreprocessor(source)
            ? "\nThe source has lines for the C preprocessor, which dtc lacks: write /include/"
                + " \"FILE\" or run cpp on it first."
            : "";
    return "dtc refuses " + source + ": " + first + "\n" + said.strip() + hint;
  }

  private static boolean usesPreprocessor(Path source) {
    try (InputStream in = Files.newInputStream(source)) {
      String text = new String(in.readNBytes(Fdt.MAX_SIZE), StandardCharsets.ISO_8859_1);
      return PREPROCESSOR.matcher(text).find();
    } catch (IOException e) {
      return false;
    }
  }

  /** Sources may name anything; nothing of theirs is to reach a terminal as a control sequence. */
  private static String printable(byte[] messages) {
    return new String(messages, StandardCharsets.UTF_8).replaceAll("[\\p{Cntrl}&&[^\n\t]]", "?");
  }
}
