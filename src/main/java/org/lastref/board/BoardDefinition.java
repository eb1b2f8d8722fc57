package org.lastref.board;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.InputFault;
import org.lastref.link.Login.Account;
import org.lastref.yaml.Bounds;
import org.lastref.yaml.StrictYaml;

/**
 * What a board is made of and how it is reached: one YAML file in {@code boards/}. Every instance
 * is within the bounds that {@code board.schema.json} names.
 *
 * @param name lower-case letters, digits and hyphens, at most 32: fit for a file name
 * @param description one line for a person
 * @param labels words by which a group of boards is picked
 * @param kernelArguments words added to every boot's kernel command line
 * @param serial where its console is; a board that runs its own system has none here
 * @param login how the console is logged in to; without it, it is a root shell once the board is
 *     ready
 * @param retries how often a case is tried again after a fault of the lab, 0 to 5
 */
public record BoardDefinition(
    String name,
    String description,
    List<String> labels,
    Hardware hardware,
    List<String> kernelArguments,
    @Nullable Serial serial,
    @Nullable Login login,
    Ssh ssh,
    Timeouts timeouts,
    int retries) {

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
  private static final String NAME_RULE = "1 to 32 lower-case letters, digits and hyphens";
  private static final Pattern LINE = Pattern.compile("\\P{Cntrl}{1,200}");
  private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,31}");
  private static final String USER_RULE = "a user's name such as root";
  private static final Pattern WORD = Pattern.compile("[!#-~]{1,200}");

  /** Checks the bounds of each field. */
  public BoardDefinition {
    Bounds.text("name", name, NAME, NAME_RULE);
    Bounds.text("description", description, LINE, "1 to 200 characters in one line");
    labels = List.copyOf(labels);
    Bounds.texts("labels", labels, 16, NAME, NAME_RULE);
    kernelArguments = List.copyOf(kernelArguments);
    checkKernelArguments(kernelArguments);
    Bounds.range("retries", retries, 0, 5);
    if (hardware instanceof OwnSystem) {
      checkOwnSystem(kernelArguments, serial, login, ssh);
    } else if (serial == null || hardware instanceof Qemu != serial.device().equals(Serial.PTY)) {
      throw new Bounds.OutOfBounds(
          "serial", "device must be pty for a board in QEMU, and the path of a port for another");
    }
    if (hardware instanceof Qemu != (ssh.host() == null)) {
      throw new Bounds.OutOfBounds(
          "ssh", "host must be given for a physical board, and for no other");
    }
  }

  private static void checkOwnSystem(
      List<String> kernelArguments, @Nullable Serial serial, @Nullable Login login, Ssh ssh) {
    if (serial != null || login != null || !kernelArguments.isEmpty()) {
      throw new Bounds.OutOfBounds(
          "hardware",
          "own-system: such a board is reached by SSH alone and started by itself: leave out serial"
              + " and login, and kernel-arguments empty");
    }
    if (ssh.hostKey() == null || ssh.clientKey() == null) {
      throw new Bounds.OutOfBounds(
          "ssh", "host-key and client-key must be given for a board that runs its own system");
    }
  }

  /**
   * The line that carries its console.
   *
   * @throws InputFault if it has none, for it runs its own system
   */
  public Serial console() {
    if (serial == null) {
      throw new InputFault(
          "board %s runs its own system and is reached by SSH alone: it has no console here"
              .formatted(name));
    }
    return serial;
  }

  /** Whether it runs a system of its own, to which nothing is deployed. */
  public boolean hasOwnSystem() {
    return hardware instanceof OwnSystem;
  }

  /**
   * Reads a board's file. Paths in it that are relative are taken from the file's folder.
   *
   * @throws InputFault naming file, line and field of what is wrong in it
   */
  public static BoardDefinition load(Path file) {
    return StrictYaml.read(file, BoardDefinition.class);
  }

  /**
   * Whether it is one thing that several runs could want at once; a board in QEMU is made anew for
   * each.
   */
  public boolean shared() {
    return !(hardware instanceof Qemu);
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
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Qemu.class, name = "qemu"),
    @JsonSubTypes.Type(value = Physical.class, name = "physical"),
    @JsonSubTypes.Type(value = OwnSystem.class, name = "own-system")
  })
  public sealed interface Hardware permits Qemu, Physical, OwnSystem {}

  /**
   * A machine emulated by QEMU.
   *
   * @param machine QEMU's machine type, {@code virt} or {@code raspi3b}
   * @param cpu QEMU's name of the processor, such as {@code cortex-a53}
   * @param cpus 1 to 8; 4 of a raspi3b
   * @param memoryMib 64 to 4096 MiB; 1024 of a raspi3b
   */
  public record Qemu(String machine, String cpu, int cpus, int memoryMib) implements Hardware {

    private static final String RASPI3B = "raspi3b";

    private static final Pattern MACHINE = Pattern.compile("virt|" + RASPI3B);

    // No comma: it would add properties to QEMU's option.
    private static final Pattern CPU = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    /** Checks the bounds of each field. */
    public Qemu {
      Bounds.text("machine", machine, MACHINE, "virt or " + RASPI3B);
      Bounds.text("cpu", cpu, CPU, "a processor's name such as cortex-a53");
      Bounds.range("cpus", cpus, 1, 8);
      Bounds.range("memory-mib", memoryMib, 64, 4096);
      if (machine.equals(RASPI3B)) {
        Bounds.range("cpus", cpus, 4, 4);
        Bounds.range("memory-mib", memoryMib, 1024, 1024);
      }
    }

    boolean isRaspberryPi() {
      return machine.equals(RASPI3B);
    }
  }

  /**
   * A board on the bench, with a relay or the like for its power.
   *
   * @param devicetree which of the kernel's trees it has, such as {@code bcm2711-rpi-4-b}
   */
  public record Physical(String devicetree, Power power, Deploy deploy) implements Hardware {

    private static final Pattern TREE = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");

    /** Checks the bounds of each field. */
    public Physical {
      Bounds.text("devicetree", devicetree, TREE, "a tree's name such as bcm2711-rpi-4-b");
    }
  }

  /**
   * A board that runs a system of its own, such as Raspberry Pi OS, with its own kernel. Nothing is
   * deployed; what is loaded and copied goes away with the run.
   *
   * @param power how it is switched, if it can be: only a board that does not come back by itself
   *     is
   */
  public record OwnSystem(@Nullable Power power) implements Hardware {}

  /**
   * The commands that switch a board, run as they are and without a shell.
   *
   * @param on the program and its arguments
   * @param off the same
   * @param pause how long the board stays off, 100 ms to 1 min: until its capacitors are empty
   */
  public record Power(List<String> on, List<String> off, Duration pause) {

    /** Checks the bounds of each field. */
    public Power {
      on = List.copyOf(on);
      off = List.copyOf(off);
      Bounds.command("on", on);
      Bounds.command("off", off);
      Bounds.range("pause", pause, Duration.ofMillis(100), Duration.ofMinutes(1));
    }
  }

  /**
   * The folder that the board boots from: {@code Image}, {@code initramfs.cpio.gz}, {@code
   * base.dtb} and {@code cmdline.txt} are written there.
   */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = BootFolder.class, name = "folder"),
    @JsonSubTypes.Type(value = RemoteBootFolder.class, name = "ssh")
  })
  public sealed interface Deploy permits BootFolder, RemoteBootFolder {}

  /**
   * A folder of this host, such as that of a TFTP server; written while the board is off.
   *
   * @param path a folder that exists
   */
  public record BootFolder(String path) implements Deploy {

    /** Checks the bounds of each field. */
    public BootFolder {
      Bounds.path("path", path);
    }
  }

  /**
   * A folder reached over SSH: of a boot server, or of the system that the board boots by itself.
   *
   * @param hostKey the file with the only key that the host may have, public, in OpenSSH format
   * @param clientKey the file with the private key that logs in
   * @param path a folder that exists there
   * @param reboot the command that makes the board's own system start what was copied; without it
   *     the folder is a server's, and is written while the board is off
   */
  public record RemoteBootFolder(
      String host,
      int port,
      String user,
      String hostKey,
      String clientKey,
      String path,
      @Nullable List<String> reboot)
      implements Deploy {

    /** Checks the bounds of each field. */
    public RemoteBootFolder {
      Bounds.text("host", host, Ssh.HOST, Ssh.HOST_RULE);
      Bounds.range("port", port, 1, 65535);
      Bounds.text("user", user, USER, USER_RULE);
      Bounds.path("host-key", hostKey);
      Bounds.path("client-key", clientKey);
      Bounds.path("path", path);
      if (reboot != null) {
        reboot = List.copyOf(reboot);
        Bounds.command("reboot", reboot);
      }
    }
  }

  /**
   * The line that carries the console.
   *
   * @param device {@code pty}, the pseudo-terminal that QEMU opens, or a port by its stable name,
   *     such as {@code /dev/serial/by-id/usb-...}
   * @param baud bits a second, 1,200 to 4,000,000
   */
  public record Serial(String device, int baud) {

    static final String PTY = "pty";

    private static final Pattern DEVICE = Pattern.compile(PTY + "|/\\P{Cntrl}{1,200}");

    /** Checks the bounds of each field. */
    public Serial {
      Bounds.text("device", device, DEVICE, "pty, or a path such as /dev/serial/by-id/usb-...");
      Bounds.range("baud", baud, 1_200, 4_000_000);
    }
  }

  /**
   * Who logs in to the console.
   *
   * @param password where it is found, {@code env:NAME} or {@code file:PATH}; none is asked for if
   *     there is none
   * @param sudo whether that user becomes root by {@code sudo}, not if left out
   */
  public record Login(String user, @Nullable String password, @Nullable Boolean sudo) {

    private static final Pattern SOURCE =
        Pattern.compile("env:[A-Za-z_][A-Za-z0-9_]{0,99}|file:\\P{Cntrl}{1,200}");

    /** Checks the bounds of each field. */
    public Login {
      Bounds.text("user", user, USER, USER_RULE);
      if (password != null && !SOURCE.matcher(password).matches()) {
        // Not quoted: it may be the password itself.
        throw new Bounds.OutOfBounds(
            "password",
            "must say where the password is, env:NAME or file:PATH; it does not belong in this file");
      }
    }

    /** The same as the console's login takes it; the password is looked up when it is asked for. */
    Account account() {
      return new Account(
          user, password == null ? null : () -> Secret.read(password), Boolean.TRUE.equals(sudo));
    }
  }

  /**
   * How the board is reached over the network.
   *
   * @param host of a physical board
   * @param port of that host, 22 if there is none; of a board in QEMU the port on 127.0.0.1 that
   *     leads to it, which the system chooses if there is none; 1 to 65535
   * @param hostKey the file with the only key that the board may have, public, in OpenSSH format;
   *     that of Lastref's own root file system if there is none
   * @param clientKey the file with the private key that logs in; the same
   */
  public record Ssh(
      String user,
      @Nullable String host,
      @Nullable Integer port,
      @Nullable String hostKey,
      @Nullable String clientKey) {

    static final Pattern HOST = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.:-]{0,252}");
    static final String HOST_RULE = "a host's name or address";

    /** Checks the bounds of each field. */
    public Ssh {
      Bounds.text("user", user, USER, USER_RULE);
      if (host != null) {
        Bounds.text("host", host, HOST, HOST_RULE);
      }
      if (port != null) {
        Bounds.range("port", port, 1, 65535);
      }
      if (hostKey != null) {
        Bounds.path("host-key", hostKey);
      }
      if (clientKey != null) {
        Bounds.path("client-key", clientKey);
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
