package org.lastref.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.lastref.Recorded;
import org.lastref.fdt.OverlayCompiler;
import org.lastref.offline.StoredRun;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What is wrong before a board is needed: exit 2, one message, nothing on standard output. */
public class BadInputTest {

  private Path folder = Path.of("");

  @BeforeMethod
  void makeFolder() throws Exception {
    folder = Files.createTempDirectory("lastref-bad-input");
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws Exception {
    Child.delete(folder);
  }

  private byte[] pair() {
    return new OverlayCompiler().compile(Child.PROJECT.resolve("overlays/pair.dtso"), false);
  }

  private void refused(String message, String... words) throws Exception {
    assertEquals(Child.run(folder, words), new Child(2, "", message.indent(0)));
  }

  @DataProvider
  static Object[][] misuses() {
    String hint = "\nlastref: ./lastref run --help says what is possible";
    return new Object[][] {
      {
        "--fix nonsense",
        "--fix nonsense: one of none, srcu-barrier, sync-overlay, flag-overlay, wait-removal is"
            + " possible"
            + hint
      },
      {
        "--fix wait-unlocked",
        "--fix wait-unlocked: no board's kernel has it, only ./lastref predict knows it; one of"
            + " none, srcu-barrier, sync-overlay, flag-overlay, wait-removal is possible"
            + hint
      },
      {
        "--resume none --cycles 2",
        "--resume takes all options but --wait and --json from the run: leave the others out" + hint
      },
      {"--resume none", "cannot read the run's results: none/run.json: no such file or folder"},
      {"--cycles 0", "--cycles 0: 1 to 100000 are possible" + hint},
      {"--cycles many", "Invalid value for option '--cycles': 'many' is not an int" + hint},
      {"--frobnicate", "Unknown option: '--frobnicate'" + hint},
      {"--only pair,pair", "--only names two overlays pair" + hint},
      {
        "--kernel none",
        "--kernel none: one of plain, debug-release, field, kasan, kmemleak, lockdep,"
            + " unittest, unittest-debug-release, 6.1, 6.1/debug-release, 6.1/field,"
            + " 6.1/kasan, 6.1/kmemleak, 6.1/lockdep, 6.1/unittest, 6.1/unittest-debug-release is possible"
            + hint
      },
      {
        "--situation probe",
        "--situation probe: it is not brought about on a board, only ./lastref predict knows it;"
            + " one of remove, unbind, unbind-first, unbind-supplier, rebind, again, beside, held,"
            + " unload, all is possible"
            + hint
      },
      {
        "--situation held,unload --only pair",
        "--situation unload: pair cannot be in it: its drivers are built into the kernel"
      },
      {
        "--situation beside --only pair",
        "--situation beside: pair cannot be in it: no other one is chosen after it"
      },
      {
        "--situation beside --only devlink/autoremove-pair,devlink/autoremove-fan",
        "--situation beside: autoremove-pair cannot be in it: autoremove-fan changes /lr-source too,"
            + " so that it has to be removed first"
      },
      {
        "--board none",
        "there is no board none: boards are qemu-raspi3b, qemu-virt; labels are arm64, qemu, raspi"
      },
      {
        "--board qemu-virt --board arm64,qemu-virt",
        "board qemu-virt is chosen twice: a board does one thing at a time"
      },
      {
        "--expect-unbound fixed-clock,nobody --only pair",
        "--expect-unbound fixed-clock,nobody: no overlay that is chosen has nobody; drivers are wanted"
            + " for /lr-osc (fixed-clock), /lr-div (fixed-factor-clock)"
      },
      {
        "--wait long",
        "Invalid value for option '--wait': 'long' is not a duration such as 30s, 10min or 2h"
            + hint
      },
    };
  }

  @DataProvider
  static Object[][] misusesOfAnOwnKernel() {
    String hint = "\nlastref: ./lastref run --help says what is possible";
    String fixed = "src/test/resources/patches/do-not-wait.patch";
    String policies =
        "a kernel of one's own has no policies to choose: leave out --release, --fix, --suite"
            + " and --all"
            + hint;
    return new Object[][] {
      {"--patch none.patch", "none.patch: there is no such patch"},
      {"--patch src", "src: there is no such patch"},
      {"--kernel-source none", "none: there is no source tree of Linux"},
      {"--patch " + fixed + " --fix none", policies},
      {"--patch " + fixed + " --release system-wq", policies},
      {"--patch " + fixed + " --suite devlink", policies},
      {"--kernel-source . --all", policies},
      {"--bisect", "--bisect: say with --kernel-source or --patch which kernel is tested" + hint},
      {
        "--patch " + fixed + " --case devres",
        "--case devres/platform-remove/none: a kernel of one's own has not what it needs:"
            + " name a case of an overlay, such as field/spi-adc or pair"
      },
      {
        "--patch " + fixed + " --case pair --grace any",
        "--case names overlay, situation and timing: leave out their options" + hint
      },
      {
        "--patch " + fixed + " --case pair,field/hat",
        "--case: these need several kernels (plain, field): choose cases of one" + hint
      },
      {"--patch", "Missing required parameter for option '--patch' (FILE)" + hint},
      {"--patch " + fixed + " --grace no", "--grace no: one of any, slow is possible" + hint},
    };
  }

  @DataProvider
  static Object[][] misusesOfWhatIsAddedToAKernel() {
    String hint = "\nlastref: ./lastref run --help says what is possible";
    String suites =
        "choose suites with --suite, or all with --all, or overlays with --only, --release, --fix,"
            + " --grace, --situation, --config, --module and --expect-unbound"
            + hint;
    return new Object[][] {
      {"--config none.config", "none.config: there is no such kernel configuration"},
      {"--config src", "src: there is no such kernel configuration"},
      {"--config", "Missing required parameter for option '--config' (FILE)" + hint},
      {"--config README.md --suite devlink", suites},
      {"--module src/test/resources/modules/holder --all", suites},
      {"--module none", "none: there is no such module"},
      {
        "--module src/test/resources/modules",
        "src/test/resources/modules: there is no module: it needs a Kbuild or Makefile that says"
            + " obj-m"
      },
      {"--module README.md", "README.md is no module for arm64: it is another kind of file"},
    };
  }

  @Test(dataProvider = "misusesOfWhatIsAddedToAKernel")
  public void refusesToAddToAKernelWhatMakesNoSense(String words, String message) throws Exception {
    refused("lastref: " + message, ("run " + words).split(" "));
  }

  /** The model has to know of these, and does so by the kernel's name. */
  @Test
  public void refusesAConfigurationThatDecidesHowCasesAreJudged() throws Exception {
    for (String[] each :
        new String[][] {
          {"CONFIG_DEBUG_KOBJECT_RELEASE", "debug-release"}, {"CONFIG_PROVE_LOCKING", "lockdep"}
        }) {
      Path config = Files.writeString(folder.resolve("mine.config"), each[0] + "=y\n");
      refused(
          "lastref: %s: %s decides how cases are judged: choose it with --kernel %s"
              .formatted(config, each[0], each[1]),
          "run",
          "--config",
          "" + config);
    }
  }

  @Test
  public void refusesAConfigurationWithoutWhatAKernelIsWatchedBy() throws Exception {
    for (String line : List.of("# CONFIG_KPROBES is not set", "CONFIG_KPROBES=n")) {
      Path config = Files.writeString(folder.resolve("mine.config"), line + "\n");
      refused(
          "lastref: %s: without CONFIG_KPROBES no kernel can be watched: leave it as it is"
              .formatted(config),
          "run",
          "--config",
          "" + config);
    }
  }

  /** What would be exit code 2 is no verdict on a kernel that is bisected. */
  @Test(dataProvider = "misusesOfAnOwnKernel")
  public void refusesAWrongOptionOfAnOwnKernel(String words, String message) throws Exception {
    boolean bisect = words.equals("--bisect");
    assertEquals(
        Child.run(folder, ("run " + words).split(" ")),
        new Child(bisect ? 125 : 2, "", "lastref: " + message + "\n"));
    assertEquals(Child.run(folder, ("run --bisect " + words).split(" ")).exit(), 125);
  }

  @Test(dataProvider = "misuses")
  public void refusesAWrongOption(String words, String message) throws Exception {
    refused("lastref: " + message, ("run " + words).split(" "));
  }

  @DataProvider
  static Object[][] mispredictions() {
    String hint = "\nlastref: ./lastref predict --help says what is possible";
    return new Object[][] {
      {"", "name an overlay, or choose --all" + hint},
      {
        "pair --release none",
        "--release none: one of call-srcu, system-wq, dedicated-wq is possible" + hint
      },
      {
        "pair --fix nonsense",
        "--fix nonsense: one of none, srcu-barrier, sync-overlay, flag-overlay, wait-removal,"
            + " wait-before-lock,"
            + " wait-unlocked is possible"
            + hint
      },
      {"pair --grace no", "--grace no: one of any, slow is possible" + hint},
      {
        "pair --situation sleep",
        "--situation sleep: one of remove, unbind, probe, twice, read, all is" + " possible" + hint
      },
      {"pair pair", "predict names two overlays pair" + hint},
      {
        "pair --promela --fix none",
        "--promela: choose one overlay, --release, --fix, --grace and --situation" + hint
      },
      {"pair --cycles 3", "Unknown option: '--cycles'" + hint},
      {
        "pair --board none",
        "there is no board none: boards are qemu-raspi3b, qemu-virt; labels are arm64, qemu, raspi"
      },
      {"none", Child.PROJECT.resolve("overlays/none.dtso") + ": there is no such overlay"},
    };
  }

  @Test(dataProvider = "mispredictions")
  public void refusesToPredictWhatMakesNoSense(String words, String message) throws Exception {
    refused("lastref: " + message, ("predict " + words).strip().split(" "));
  }

  @Test
  public void refusesMoreMemoryForAPredictionThanTheHeapHas() throws Exception {
    Child child = Child.run(folder, "predict", "pair", "--memory", "4000");
    assertEquals(child.exit(), 2);
    assertEquals(child.out(), "");
    assertTrue(
        child.err().matches("(?s)lastref: --memory 4000: 1 to \\d+ are possible; LASTREF_HEAP.*"),
        child.err());
  }

  @Test
  public void refusesToPredictAnOverlayThatCannotBeApplied() throws Exception {
    Path source =
        Files.writeString(
            folder.resolve("astray.dtso"),
            "/dts-v1/;\n/plugin/;\n&{/no-such-node} { lr-x { }; };\n");
    Child child = Child.run(folder, "predict", "" + source);
    assertEquals(child.exit(), 2);
    assertEquals(child.out(), "");
    assertEquals(child.err().lines().count(), 1, child.err());
    assertTrue(child.err().contains("/no-such-node"), child.err());
  }

  /** What it found by then is printed all the same. */
  @Test
  public void endsAsTheLabsFaultIfAPredictionIsNotFinished() throws Exception {
    Child child =
        Child.run(
            folder,
            "predict",
            "fan-out",
            "--release",
            "system-wq",
            "--fix",
            "none",
            "--grace",
            "any",
            "--memory",
            "1");
    assertEquals(child.exit(), 3);
    assertTrue(child.out().contains("\nNOT FINISHED, given up at the memory bound"), child.out());
    assertTrue(
        child.err().startsWith("lastref: 1 of 1 searches needed more than 1 MiB"), child.err());
  }

  @Test
  public void refusesAnUnknownCommand() throws Exception {
    refused(
        "lastref: Unmatched argument at index 0: 'walk'\nlastref: ./lastref --help says what is"
            + " possible",
        "walk");
  }

  @Test
  public void refusesABlobThatIsNotThere() throws Exception {
    Path blob = folder.resolve("none.dtbo");
    refused("lastref: %s: there is no such overlay".formatted(blob), "run", "--only", "" + blob);
  }

  @Test
  public void refusesATruncatedBlob() throws Exception {
    byte[] whole = pair();
    Path blob = Files.write(folder.resolve("cut.dtbo"), Arrays.copyOf(whole, 100));
    refused(
        "lastref: devicetree blob %s, byte 0x4: the header states %d bytes, but there are only 100"
            .formatted(blob, whole.length),
        "run",
        "--only",
        "" + blob);
  }

  @Test
  public void refusesAHostileBlob() throws Exception {
    byte[] bytes = pair();
    ByteBuffer.wrap(bytes).putInt(8, 0xfffffff0);
    Path blob = Files.write(folder.resolve("hostile.dtbo"), bytes);
    refused(
        "lastref: devicetree blob %s, byte 0x8: the structure block is to start at 0xfffffff0, outside the blob"
            .formatted(blob),
        "run",
        "--only",
        "" + blob);
  }

  @Test
  public void refusesABlobLargerThanTheKernelTakes() throws Exception {
    Path blob = Files.write(folder.resolve("large.dtbo"), new byte[(1 << 20) + 1]);
    refused(
        "lastref: %s: as a blob it has more than the 1048576 bytes that the board's kernel takes"
            .formatted(blob),
        "run",
        "--only",
        "" + blob);
  }

  @Test
  public void refusesAnOverlayOnTopOfAPathThatClimbs() throws Exception {
    Path source =
        Files.writeString(
            folder.resolve("climb.dtso"),
            "/dts-v1/;\n/plugin/;\n/ { lastref,on-top-of = \"../x\"; };\n&{/} { lr-x { }; };\n");
    refused(
        "lastref: %s: lastref,on-top-of names no overlay".formatted(source),
        "run",
        "--only",
        "" + source);
  }

  @Test
  public void saysWhereAnOverlayDoesNotCompile() throws Exception {
    Path source =
        Files.writeString(
            folder.resolve("broken.dtso"), "/dts-v1/;\n/plugin/;\n&{/} {\n\tlr-x { a };\n};\n");
    Child child = Child.run(folder, "run", "--only", "" + source);
    assertEquals(child.exit(), 2);
    assertEquals(child.out(), "");
    assertEquals(
        child.err().lines().findFirst().orElse(""),
        "lastref: dtc refuses %1$s: Error: %1$s:4.11-12 syntax error".formatted(source));
  }

  @Test
  public void saysWhereABoardFileIsWrong() throws Exception {
    String good = Files.readString(Child.PROJECT.resolve("boards/qemu-virt.yaml"));
    Path board = Files.writeString(folder.resolve("b.yaml"), good.replace("cpus: 2", "cpus: two"));
    long line = 1 + good.substring(0, good.indexOf("cpus: 2")).lines().count() - 1;
    refused(
        "lastref: %s:%d: hardware.cpus: is not a whole number".formatted(board, line),
        "run",
        "--board",
        "" + board);
  }

  @Test
  public void refusesToReplayWhatIsNotThere() throws Exception {
    Path none = folder.resolve("none");
    refused("lastref: %s: there is no such trace or folder".formatted(none), "replay", "" + none);
    refused("lastref: %s has no traces (*.trace.gz)".formatted(folder), "replay", "" + folder);
  }

  @Test
  public void refusesATraceOfVersion0ThatNobodySaysWhatItIsOf() throws Exception {
    String old = "src/test/resources/traces/pair-system-wq-none-slow.trace.gz";
    refused(
        "lastref: %s is a trace of version 0: say what it is of with --only, --release, --fix and --grace\nlastref: ./lastref replay --help says what is possible"
            .formatted(old),
        "replay",
        old);
  }

  @Test
  public void refusesToExplainWhatItCannotRead() throws Exception {
    Path none = folder.resolve("none.trace");
    refused("lastref: %s: there is no such trace".formatted(none), "explain", "" + none);
    String old = "src/test/resources/traces/pair-system-wq-none-slow.trace.gz";
    refused(
        "lastref: %s is a trace of version 0: say which overlay it is of with --only\nlastref: ./lastref explain --help says what is possible"
            .formatted(old),
        "explain",
        old);
    Path garbage = folder.resolve("garbage.trace");
    Files.writeString(garbage, "no trace\n");
    refused(
        "lastref: %s:1: this line is no event of a trace: no trace".formatted(garbage),
        "explain",
        "" + garbage);
  }

  @Test
  public void saysWhereAStoredTraceIsWrong() throws Exception {
    Path run = StoredRun.make(folder, List.of(new Recorded("pair", Recorded.LEAKING)));
    Path trace = run.resolve("traces/pair-system-wq-none-slow-1.trace.gz");
    Path bad = folder.resolve("bad.trace");
    byte[] packed = Files.readAllBytes(trace);
    Files.write(bad, Arrays.copyOf(packed, packed.length / 2));
    Child cut = Child.run(folder, "replay", "" + bad);
    assertEquals(cut.exit(), 2);
    assertEquals(cut.out(), "");
    assertTrue(
        cut.err().matches("lastref: .*bad.trace:\\d+: the compressed data is cut short.*\\n"),
        cut.err());
    String text;
    try (InputStream in = new GZIPInputStream(Files.newInputStream(trace))) {
      text = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
    for (String[] edit :
        new String[][] {
          {
            "trace 1",
            "trace 3",
            ":1: a trace of version 3, and this Lastref reads up to version 2: use the one that wrote it"
          },
          {"# end", "sh: no", ":127: this line is no event of a trace: sh: no"},
          {
            "\"blob\":\"",
            "\"blob\":\"%",
            ":2: the header is wrong at overlays[0].blob: Illegal base64 character 25"
          },
          {
            "\"system-wq\"",
            "\"no-wq\"",
            ":2: the header has a policy.release that this Lastref does not know; it knows call-srcu, system-wq, dedicated-wq"
          },
        }) {
      Files.writeString(bad, text.replaceFirst(edit[0], edit[1]), StandardCharsets.ISO_8859_1);
      refused("lastref: " + bad + edit[2], "replay", "" + bad);
    }
    refused(
        "lastref: these traces say themselves what they are of: leave out --only, --release, --fix and --grace\nlastref: ./lastref replay --help says what is possible",
        "replay",
        "" + trace,
        "--fix",
        "none");
  }
}
