package org.lastref.board;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a board is made of and how it is reached: one YAML file in {@code boards/}. Every instance
 * is within the bounds that {@code board.schema.json} names.
 *
 * @param name lower-case letters, digits and hyphens, at most 32: fit for a file name
 * @param description one line for a person
 * @param labels words by which a group of boards is picked
 * @param kernelArguments words added to every boot's kernel command line
 */
public record BoardDefinition(
    String name,
    String description,
    List<String> labels,
    Hardware hardware,
    List<String> kernelArguments,
    Serial serial,
    Ssh ssh,
    Timeouts timeouts) {

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
  private static final String NAME_RULE = "1 to 32 lower-case letters, digits and hyphens";
  private static final Pattern LINE = Pattern.compile("\\P{Cntrl}{1,200}");
  private static final Pattern WORD = Pattern.compile("[!#-~]{1,200}");

  /** Checks the bounds of each field. */
  public BoardDefinition {
    Bounds.text("name", name, NAME, NAME_RULE);
    Bounds.text("description", description, LINE, "1 to 200 characters in one line");
    labels = List.copyOf(labels);
    Bounds.texts("labels", labels, 16, NAME, NAME_RULE);
    kernelArguments = List.copyOf(kernelArguments);
    checkKernelArguments(kernelArguments);
  }

  /**
   * Reads a board's file.
   *
   * @throws org.lastref.fault.InputFault naming file, line and field of what is wrong in it
   */
  public static BoardDefinition load(Path file) {
    return StrictYaml.read(file, BoardDefinition.class);
  }

  static void checkKernelArguments(List<String> words) {
    Bounds.texts(
        "kernel-arguments",
        words,
        64,
        WORD,
        "words of 1 to 200 printable ASCII characters without blanks and double quotes");
  }

  /** What the board is made of, and so how it is started. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes(@JsonSubTypes.Type(value = Qemu.class, name = "qemu"))
  public sealed interface Hardware permits Qemu {}

  /**
   * A machine emulated by QEMU.
   *
   * @param machine QEMU's machine type, {@code virt}
   * @param cpu QEMU's name of the processor, such as {@code cortex-a53}
   * @param cpus 1 to 8
   * @param memoryMib 64 to 4096 MiB
   */
  public record Qemu(String machine, String cpu, int cpus, int memoryMib) implements Hardware {

    // No comma: it would add properties to QEMU's option.
    private static final Pattern CPU = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    /** Checks the bounds of each field. */
    public Qemu {
      Bounds.text("machine", machine, Pattern.compile("virt"), "virt");
      Bounds.text("cpu", cpu, CPU, "a processor's name such as cortex-a53");
      Bounds.range("cpus", cpus, 1, 8);
      Bounds.range("memory-mib", memoryMib, 64, 4096);
    }
  }

  /**
   * The line that carries the console.
   *
   * @param device {@code pty}, the pseudo-terminal that QEMU opens
   * @param baud bits a second, 1,200 to 4,000,000
   */
  public record Serial(String device, int baud) {

    /** Checks the bounds of each field. */
    public Serial {
      Bounds.text("device", device, Pattern.compile("pty"), "pty");
      Bounds.range("baud", baud, 1_200, 4_000_000);
    }
  }

  /**
   * How the board is reached over the network.
   *
   * @param port the port on 127.0.0.1 that leads to the board, 1024 to 65535; if there is none, the
   *     system picks a free one
   */
  public record Ssh(String user, @Nullable Integer port) {

    private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,31}");

    /** Checks the bounds of each field. */
    public Ssh {
      Bounds.text("user", user, USER, "a user's name such as root");
      if (port != null) {
        Bounds.range("port", port, 1024, 65535);
      }
    }
  }

  /**
   * How long to wait, each 1 s to 10 min.
   *
   * @param boot from power on until the board says it is ready
   * @param shell from then until the shell answers
   */
  public record Timeouts(Duration boot, Duration shell) {

    /** Checks the bounds of each field. */
    public Timeouts {
      Bounds.range("boot", boot, Duration.ofSeconds(1), Duration.ofMinutes(10));
      Bounds.range("shell", shell, Duration.ofSeconds(1), Duration.ofMinutes(10));
    }
  }
}
