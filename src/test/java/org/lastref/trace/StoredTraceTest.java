package org.lastref.trace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertNull;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.NullUnmarked;
import org.lastref.Recorded;
import org.lastref.fault.InputFault;
import org.lastref.fdt.Fdt;
import org.lastref.trace.TraceHeader.Layer;
import org.lastref.trace.TraceHeader.Patch;
import org.lastref.trace.TraceHeader.Provenance;
import org.lastref.trace.TraceHeader.Step;
import org.lastref.trace.TraceHeader.Words;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Traces in files: as they were written, as earlier versions wrote them, and damaged. */
@NullUnmarked
public class StoredTraceTest {

  private static final String TEXT = new Recorded("pair", Recorded.LEAKING).text();
  private static final String BLOB = Blob.of(new byte[] {1, 2, 3}).packed();
  private static final TraceHeader HEADER =
      new TraceHeader(
          List.of(new Layer("pair", new Blob(BLOB))),
          Blob.of(new byte[] {4, 5}),
          new Words("system-wq", "none", "slow", false),
          null,
          new TreeSet<>(Set.of("/lr-div")),
          List.of(new Step("apply=pair", "applied"), new Step("remove=pair", "removed")),
          "",
          new Provenance(
              "qemu-virt",
              "6.1.192-\u00e4\u2028",
              "linux-source-6.1 6.1.192-2",
              new TreeSet<>(Set.of("parse_leds")),
              new TreeSet<>(Set.of("bus_to_subsys")),
              List.of(new Patch("0001-a.patch", "00ff")),
              null,
              Instant.parse("2026-01-31T12:00:00.123456789Z"),
              3));

  private Path file;

  @BeforeMethod
  void makeFile() throws IOException {
    file = Files.createTempFile("lastref", ".trace.gz");
  }

  @AfterMethod(alwaysRun = true)
  void removeFile() throws IOException {
    Files.delete(file);
  }

  @DataProvider
  public Object[][] recorded() {
    return Recorded.all().stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  @Test(dataProvider = "recorded")
  public void readsWhatItWrote(Recorded recorded) throws IOException {
    Files.write(file, stored(recorded.text()));
    StoredTrace read = StoredTrace.read(file);
    assertEquals(read.header(), HEADER);
    assertEquals(StoredTrace.header(file), HEADER);
    assertEquals(read.trace().events(), recorded.trace().events());
  }

  @Test
  public void writesTheBoardsTextAsItCame() throws IOException {
    String odd = "\u00ff\u0000\r\n# {not a header\n# lastref-trace 9\n";
    Files.write(file, stored(odd));
    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      String text = new String(in.readAllBytes(), ISO_8859_1);
      assertEquals(text.lines().findFirst().orElse(""), "# lastref-trace 1");
      assertTrue(text.endsWith("}\n" + odd), text);
    }
  }

  @Test(dataProvider = "recorded")
  public void readsTracesOfVersion0(Recorded recorded) throws IOException {
    Path old = Path.of("src/test/resources/traces", recorded.name() + ".trace.gz");
    assertNull(StoredTrace.header(old));
    StoredTrace read = StoredTrace.read(old);
    assertNull(read.header());
    assertEquals(read.trace().events(), recorded.trace().events());
  }

  @Test
  public void readsWhatIsNotPacked() throws IOException {
    Files.write(file, plain());
    assertEquals(StoredTrace.read(file).header(), HEADER);
    Files.writeString(file, TEXT, ISO_8859_1);
    assertEquals(StoredTrace.read(file).trace().events(), TraceReader.read(TEXT, "").events());
  }

  @Test
  public void refusesAFileThatIsNotThere() {
    for (Path none : List.of(Path.of("/none/at.all"), Path.of("/dev/zero"), Path.of("/tmp"))) {
      String message = expectThrows(InputFault.class, () -> StoredTrace.read(none)).getMessage();
      assertEquals(message, none + ": there is no such trace");
    }
  }

  @DataProvider
  public Object[][] files() throws IOException {
    byte[] noise = new byte[200];
    new Random(1).nextBytes(noise);
    byte[] packed = stored(TEXT);
    byte[] corrupt = packed.clone();
    Arrays.fill(corrupt, 60, 120, (byte) 0);
    return new Object[][] {
      {new byte[0], "1: cut short: it has no end line"},
      {"\n\nwhat?\n".getBytes(ISO_8859_1), "3: this line is no event of a trace: what?"},
      {"\u001b[2J".getBytes(ISO_8859_1), "1: this line is no event of a trace: ?[2J"},
      {noise, "1: this line is no event of a trace: "},
      {packed(noise), "1: this line is no event of a trace: "},
      {new byte[] {0x1f, (byte) 0x8b}, "1: cannot be read: "},
      {new byte[] {0x1f, (byte) 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9}, "1: cannot be read: "},
      {corrupt, ""},
      {Arrays.copyOf(packed, 100), "1: the compressed data is cut short after this line"},
      {new byte[Lines.MAX_LINE + 2], "1: this line is longer than the 16384 bytes that are read"},
      {packed(new byte[100 << 20]), "1: this line is longer than the 16384 bytes that are read"},
    };
  }

  @Test(dataProvider = "files")
  public void refusesAFileThatIsNoTrace(byte[] bytes, String message) throws IOException {
    Files.write(file, bytes);
    refused(message);
  }

  @Test
  public void refusesATraceThatIsCutShortAnywhere() throws IOException {
    byte[] packed = stored(TEXT);
    for (int length = 0; length < packed.length; length += 7) {
      Files.write(file, Arrays.copyOf(packed, length));
      refused("");
    }
    String half = TEXT.substring(0, TEXT.lastIndexOf('\n', TEXT.length() / 2));
    Files.write(file, stored(half));
    refused("%d: cut short: it has no end line".formatted(2 + half.lines().count()));
  }

  @Test
  public void saysAtWhichLineOfTheFileEventsWereLost() throws IOException {
    Files.write(file, stored(TEXT.replace("# end", "# lost 12 events on cpu 1\n# end")));
    refused("%d: lost events (lost 12 events on cpu 1): ".formatted(2 + TEXT.lines().count()));
    Files.write(file, stored(TEXT.replace("/112 ", "/130 ")));
    refused("5: holds 112 of 130 events: the buffer was too small");
  }

  @DataProvider
  public Object[][] headers() {
    String large = Blob.of(new byte[Fdt.MAX_SIZE]).packed();
    String tooLarge = gzip(new byte[Fdt.MAX_SIZE + 1]);
    assertEquals(new Blob(large).bytes().length, Fdt.MAX_SIZE);
    return new Object[][] {
      {"trace 1\n", "trace 3\n", "1: a trace of version 3, and this Lastref reads up to version 2"},
      {"trace 1\n", "trace one\n", "1: this line names no version: # lastref-trace one"},
      {"trace 1\n", "trace 0\n", "1: this line names no version: "},
      {"trace 1\n", "trace 99999999999\n", "1: this line names no version: "},
      {"# {", "{", "2: this line is no header: "},
      {"# {", "# {,", "2: the header is wrong: "},
      {"}\n", "\n", "2: the header is wrong"},
      {"}\n", "} {}\n", "2: the header is wrong: "},
      {
        "\"fix\":\"none\"",
        "\"fix\":\"none\",\"mix\":1",
        "2: the header has a key that this Lastref does not know, policy.mix: "
      },
      {"{\"overlays\"", "{\"more\":1,\"overlays\"", "2: the header has a key that this Lastref"},
      {"\"fix\":\"none\",", "", "2: the header is wrong at policy.fix: it is missing"},
      {"\"fix\":\"none\"", "\"fix\":null", "2: the header is wrong at policy: fix"},
      {"\"fix\":\"none\"", "\"fix\":7", "2: the header is wrong at policy.fix: "},
      {"\"fix\":\"none\"", "\"fix\":\"a\",\"fix\":\"b\"", "2: the header is wrong"},
      {"\"cycle\":3", "\"cycle\":0", "2: the header is wrong at provenance: cycle 0: they count"},
      {"\"cycle\":3", "\"cycle\":\"3\"", "2: the header is wrong at provenance.cycle: "},
      {"\"cycle\":3", "\"cycle\":3.5", "2: the header is wrong at provenance.cycle: "},
      {"\"cycle\":3", "\"cycle\":1e99", "2: the header is wrong at provenance.cycle: "},
      {"2026-01-31T", "someday", "2: the header is wrong at provenance.recorded: "},
      {
        "\"name\":\"pair\"",
        "\"name\":\"../pair\"",
        "2: the header is wrong at overlays[0]: the name"
      },
      {BLOB, "%%%", "2: the header is wrong at overlays[0].blob: Illegal base64 character 25"},
      {BLOB, "AAAA", "2: the header is wrong at overlays[0].blob: the blob cannot be unpacked: "},
      {BLOB, "", "2: the header is wrong at overlays[0].blob: the blob cannot be unpacked: "},
      {BLOB, BLOB.substring(0, 20), "2: the header is wrong at overlays[0].blob: the blob cannot"},
      {
        BLOB,
        tooLarge,
        "2: the header is wrong at overlays[0].blob: the blob is larger than 2097152"
      },
      {
        "{\"overlays\":[",
        "{\"overlays\":[{\"name\":\"pair\",\"blob\":\"%s\"},".formatted(BLOB),
        "2: the header is wrong: two overlays are named pair"
      },
      {"# {", "# {" + "[".repeat(100_000), "2: the header is wrong: "},
      {"# {", "# {" + " ".repeat(16 << 20), "2: this line is longer than the 16777216 bytes"},
    };
  }

  @Test(dataProvider = "headers")
  public void refusesAHeaderThatIsWrong(String seen, String instead, String message)
      throws IOException {
    String whole = new String(plain(), ISO_8859_1);
    int at = whole.indexOf(seen);
    assertTrue(at >= 0, seen);
    String edited = whole.substring(0, at) + instead + whole.substring(at + seen.length());
    Files.writeString(file, edited, ISO_8859_1);
    refused(message);
    String ofHeader = expectThrows(InputFault.class, () -> StoredTrace.header(file)).getMessage();
    assertTrue(ofHeader.startsWith("%s:%s".formatted(file, message)), ofHeader);
  }

  @Test
  public void refusesAHeaderThatIsNotThere() throws IOException {
    Files.writeString(file, "# lastref-trace 1");
    refused("1: cut short: it has no header");
  }

  @Test
  public void refusesOneEventTooMany() throws IOException {
    Files.write(file, stored(TEXT));
    assertEquals(StoredTrace.read(file, 112).trace().events().size(), 112);
    String message = expectThrows(InputFault.class, () -> StoredTrace.read(file, 111)).getMessage();
    assertTrue(
        message.endsWith(": this line is one event more than the 111 that are read"), message);
  }

  @Test
  public void keepsOneInstanceOfEachText() {
    List<String> texts = new ArrayList<>();
    for (Event event : TraceReader.read(TEXT, "pair").events()) {
      texts.add(event.at().task());
      if (event instanceof Event.Reference reference) {
        texts.addAll(List.of(reference.name(), reference.holder()));
      }
    }
    Set<String> instances = Collections.newSetFromMap(new IdentityHashMap<>());
    instances.addAll(texts);
    assertEquals(instances.size(), Set.copyOf(texts).size());
  }

  private void refused(String message) {
    String refusal =
        Objects.requireNonNull(
            expectThrows(InputFault.class, () -> StoredTrace.read(file)).getMessage());
    assertTrue(refusal.startsWith("%s:%s".formatted(file, message)), refusal);
    assertTrue(refusal.matches(".*\\.trace\\.gz:\\d+: [\\x20-\\x7e]+"), refusal);
  }

  private static byte[] stored(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    StoredTrace.write(out, HEADER, new FtraceText(text));
    return out.toByteArray();
  }

  private static byte[] plain() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    StoredTrace.write(out, HEADER, new FtraceText(TEXT));
    try (GZIPInputStream in =
        new GZIPInputStream(new java.io.ByteArrayInputStream(out.toByteArray()))) {
      return in.readAllBytes();
    }
  }

  private static byte[] packed(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream packed = new GZIPOutputStream(out)) {
      packed.write(bytes);
    }
    return out.toByteArray();
  }

  private static String gzip(byte[] bytes) {
    try {
      return Base64.getEncoder().encodeToString(packed(bytes));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
