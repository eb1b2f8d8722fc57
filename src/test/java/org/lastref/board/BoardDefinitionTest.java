package org.lastref.board;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertNull;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.lastref.fault.InputFault;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class BoardDefinitionTest {

  private static final Path QEMU_VIRT = Path.of("boards/qemu-virt.yaml");

  private static final String GOOD =
      """
      name: alpha
      description: A board
      labels: [qemu, arm64]
      hardware:
        kind: qemu
        machine: virt
        cpu: cortex-a53
        cpus: 2
        memory-mib: 256
      kernel-arguments: [quiet]
      serial:
        device: pty
        baud: 115200
      ssh:
        user: root
        port: 2222
      timeouts:
        boot: 30s
        shell: 500s
      retries: 1
      """;

  private Path file = Path.of("unset");

  @BeforeClass
  void makeFile() throws IOException {
    file = Files.createTempFile("board", ".yaml");
  }

  @AfterClass
  void removeFile() throws IOException {
    Files.deleteIfExists(file);
  }

  @Test
  void readsEveryField() throws IOException {
    assertEquals(
        load(GOOD),
        new BoardDefinition(
            "alpha",
            "A board",
            List.of("qemu", "arm64"),
            new BoardDefinition.Qemu("virt", "cortex-a53", 2, 256),
            List.of("quiet"),
            new BoardDefinition.Serial("pty", 115200),
            null,
            new BoardDefinition.Ssh("root", null, 2222, null, null),
            new BoardDefinition.Timeouts(Duration.ofSeconds(30), Duration.ofSeconds(500)),
            1));
  }

  @Test
  void readsTheBoardThatComesWithTheHarness() {
    BoardDefinition board = BoardDefinition.load(QEMU_VIRT);
    assertEquals(board.name(), "qemu-virt");
    assertNull(board.ssh().port());
  }

  @DataProvider
  static Object[][] durations() {
    return new Object[][] {
      {"1000ms", Duration.ofSeconds(1)},
      {"1500ms", Duration.ofMillis(1500)},
      {"90s", Duration.ofSeconds(90)},
      {"10min", Duration.ofMinutes(10)},
    };
  }

  @Test(dataProvider = "durations")
  void readsDurationsAsPeopleWriteThem(String written, Duration meant) throws IOException {
    assertEquals(load(GOOD.replace("30s", written)).timeouts().boot(), meant);
  }

  @DataProvider
  static Object[][] mistakes() {
    return new Object[][] {
      // What is replaced, by what, and the line, field and words of the complaint.
      {"cpus: 2", "cpus: 2\n  colour: red", 9, "hardware.colour", "not a field here, allowed are"},
      {"name: alpha", "nmae: alpha", 1, "name", "is missing"},
      {"user: root", "usr: root", 14, "ssh.user", "is missing"},
      {"baud: 115200", "baud: 115200\n  baud: 9600", 14, "serial.baud", "twice, first on line 13"},
      {"shell: 500s", "shell: 500s\nname: beta", 20, "name", "twice, first on line 1"},
      {"name: alpha\n", "", 1, "name", "is missing, it must be text"},
      {"  cpus: 2\n", "", 4, "hardware.cpus", "is missing, it must be a whole number"},
      {"  boot: 30s\n", "", 17, "timeouts.boot", "is missing, it must be a duration"},
      {"labels: [qemu, arm64]\n", "", 1, "labels", "is missing, it must be a list"},
      {"  user: root\n", "", 14, "ssh.user", "is missing"},
      {"ssh:\n  user: root\n  port: 2222\n", "", 1, "ssh", "missing, it must be a block of fields"},
      {"  kind: qemu\n", "", 4, "hardware.kind", "is missing, it must be one of: qemu"},
      {"kind: qemu", "kind: raspi", 5, "hardware.kind", "is not one of: qemu"},
      {"machine: virt", "machine: raspi9", 6, "hardware.machine", "'raspi9' is not allowed"},
      {"machine: virt", "machine: raspi3b", 8, "hardware.cpus", "2 is out of range"},
      {"cortex-a53", "cortex-a53,pmu=off", 7, "hardware.cpu", "only a processor's name"},
      {"cpus: 2", "cpus: two", 8, "hardware.cpus", "is not a whole number"},
      {"cpus: 2", "cpus: '2'", 8, "hardware.cpus", "is not a whole number"},
      {"cpus: 2", "cpus: [2]", 8, "hardware.cpus", "is not a whole number"},
      {"cpus: 2", "cpus: true", 8, "hardware.cpus", "is not a whole number"},
      {"cpus: 2", "cpus: 2.0", 8, "hardware.cpus", "'2.0' is not a plain whole number"},
      {"cpus: 2", "cpus: 02", 8, "hardware.cpus", "'02' is not a plain whole number"},
      {"cpus: 2", "cpus: 0x2", 8, "hardware.cpus", "'0x2' is not a plain whole number"},
      {"memory-mib: 256", "memory-mib: 1_024", 9, "hardware.memory-mib", "'1_024' is not a plain"},
      {"cpus: 2", "cpus: 99999999999", 8, "hardware.cpus", "at most 9 digits"},
      {"cpus: 2", "cpus: 0", 8, "hardware.cpus", "0 is out of range, allowed are 1 to 8"},
      {"cpus: 2", "cpus: 9", 8, "hardware.cpus", "9 is out of range, allowed are 1 to 8"},
      {"cpus: 2", "cpus:", 8, "hardware.cpus", "is empty"},
      {"name: alpha", "name: ''", 1, "name", "'' is not allowed"},
      {"name: alpha", "name: null", 1, "name", "is empty"},
      {"name: alpha", "name: 5", 1, "name", "is not text (quote"},
      {"name: alpha", "name: true", 1, "name", "is not text (quote"},
      {"name: alpha", "name: [alpha]", 1, "name", "is not text"},
      {"name: alpha", "name: ../alpha", 1, "name", "'../alpha' is not allowed, only 1 to 32"},
      {"A board", "\"red \\e[31m\"", 2, "description", "'red ?[31m' is not allowed"},
      {"[qemu, arm64]", "qemu", 3, "labels", "is not a list"},
      {"[qemu, arm64]", "\n  - qemu\n  - 64", 5, "labels[1]", "is not text"},
      {"[qemu, arm64]", "\n  - qemu\n  - A b", 5, "labels[1]", "'A b' is not allowed"},
      {"[qemu, arm64]", "\n  - qemu\n  -", 5, "labels[1]", "is empty"},
      {"[quiet]", "[a b]", 10, "kernel-arguments[0]", "'a b' is not allowed, only words"},
      {
        "[quiet]", "[" + "a,".repeat(65) + "]", 10, "kernel-arguments", "has 65 entries, at most 64"
      },
      {"device: pty", "device: ttyUSB0", 12, "serial.device", "only pty, or a path"},
      {"device: pty", "device: /dev/ttyUSB0", 11, "serial", "device must be pty"},
      {"user: root", "user: root\n  host: bench", 14, "ssh", "host must be given"},
      {"baud: 115200", "baud: 300", 13, "serial.baud", "allowed are 1200 to 4000000"},
      {"port: 2222", "port: 0", 16, "ssh.port", "allowed are 1 to 65535"},
      {"port: 2222", "port: ~", 16, "ssh.port", "is empty"},
      {"user: root", "user: -oProxyCommand=x", 15, "ssh.user", "is not allowed"},
      {"boot: 30s", "boot: PT30S", 18, "timeouts.boot", "is not a duration such as 500ms, 30s"},
      {"boot: 30s", "boot: 30", 18, "timeouts.boot", "is not a duration"},
      {"boot: 30s", "boot: 0s", 18, "timeouts.boot", "0s is out of range, allowed are 1s to 10min"},
      {"boot: 30s", "boot: 11min", 18, "timeouts.boot", "11min is out of range"},
      {"boot: 30s\n  shell: 500s", "boot: *a", 18, "timeouts.boot", "aliases and tags"},
      {"hardware:\n  kind: qemu", "hardware: !qemu", 4, "hardware", "aliases and tags"},
      {
        "serial:\n  device: pty\n  baud: 115200",
        "serial: pty",
        11,
        "serial",
        "not a block of fields"
      },
      {
        GOOD.substring(GOOD.indexOf("hardware:"), GOOD.indexOf("kernel-")),
        "hardware: qemu\n",
        4,
        "hardware",
        "is not one of"
      },
    };
  }

  @Test(dataProvider = "mistakes")
  void namesLineAndFieldOfAMistake(
      String replaced, String by, int line, String field, String complaint) {
    assertTrue(GOOD.contains(replaced), replaced);
    String message = refusal(GOOD.replace(replaced, by));
    assertTrue(message.startsWith(file + ":" + line + ": " + field + ": "), message);
    assertTrue(message.contains(complaint), message);
  }

  @DataProvider
  static Object[][] notAnOutline() {
    return new Object[][] {
      {"", 1, "must be a block of fields"},
      {"# nothing\n", 1, "must be a block of fields"},
      {"- a\n- b\n", 1, "must be a block of fields"},
      {GOOD + "---\nname: beta\n", 22, "a second document"},
      {"name: alpha\n  description: [\n", 2, "this is not YAML"},
      {"name: [a\ncpus: 3\n", 2, "this is not YAML"},
      {"name: a\ndescription: \u0007\n", 1, "this is not YAML"},
      {"name: " + "[".repeat(60_000), 1, "this is not YAML"},
    };
  }

  @Test(dataProvider = "notAnOutline")
  void namesTheLineOfWhatIsNoBlockOfFields(String text, int line, String complaint) {
    String message = refusal(text);
    assertTrue(message.startsWith(file + ":" + line + ": "), message);
    assertTrue(message.contains(complaint), message);
    assertEquals(message.lines().count(), 1, message);
  }

  @Test
  void readsTheExampleOfAPhysicalBoard() {
    BoardDefinition board = BoardDefinition.load(Path.of("boards/examples/rpi4-bench1.yaml"));
    assertTrue(board.hardware() instanceof BoardDefinition.Physical);
    assertTrue(board.shared());
  }

  @Test
  void refusesTextThatIsNotUtf8() throws IOException {
    Files.write(
        file, "name: alpha\ndescription: caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    String message = expectThrows(InputFault.class, () -> BoardDefinition.load(file)).getMessage();
    assertEquals(message, file + ":2: this is not UTF-8 text");
  }

  @Test
  void refusesAFileAbove64KiB() throws IOException {
    String filler = "# " + "x".repeat(64 * 1024 - GOOD.length() - 3) + "\n";
    assertEquals(load(filler + GOOD).name(), "alpha");
    assertTrue(refusal("#" + filler + GOOD).contains("larger than the 64 KiB allowed"));
  }

  @Test
  void refusesWhatIsNoReadableFile() {
    assertEquals(
        expectThrows(InputFault.class, () -> BoardDefinition.load(Path.of("boards/nosuch.yaml")))
            .getMessage(),
        "boards/nosuch.yaml: cannot be read: there is no such file");
    assertEquals(
        expectThrows(InputFault.class, () -> BoardDefinition.load(Path.of("boards"))).getMessage(),
        "boards: cannot be read: it is not a file");
  }

  private BoardDefinition load(String text) throws IOException {
    Files.writeString(file, text);
    return BoardDefinition.load(file);
  }

  private String refusal(String text) {
    return String.valueOf(expectThrows(InputFault.class, () -> load(text)).getMessage());
  }
}
