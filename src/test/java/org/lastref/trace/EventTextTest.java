package org.lastref.trace;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.lastref.fault.InputFault;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Traces of version 2, recorded on booted kernels. */
public class EventTextTest {
  private static final Path FOLDER = Path.of("src/test/resources/traces/watched");
  private static final StoredTrace PAIR =
      StoredTrace.read(FOLDER.resolve("pair-system-wq-none-slow-1.trace.gz"));
  private static final String TEXT =
      EventText.of(new WatchedEvents(PAIR.trace().watching(), PAIR.trace().events()));

  @DataProvider
  static Object[][] files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.sorted().map(file -> new Object[] {file}).toArray(Object[][]::new);
    }
  }

  @Test(dataProvider = "files")
  public void isReadAsItWasWritten(Path file) {
    Trace trace = StoredTrace.read(file).trace();
    String text = EventText.of(new WatchedEvents(trace.watching(), trace.events()));
    assertEquals(read(text), new Trace("x", trace.watching(), trace.events()));
    assertTrue(trace.watching().exact());
  }

  private static Trace read(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    Lines lines = new Lines(new ByteArrayInputStream(bytes), Long.MAX_VALUE, "x", InputFault::new);
    return EventText.read(lines, TraceReader.MAX_EVENTS, "x");
  }

  /** The counts of each object follow one another: they are those of the operations. */
  @Test(dataProvider = "files")
  public void countsAreInTheOrderOfTheOperations(Path file) {
    java.util.Map<Long, Integer> counts = new java.util.HashMap<>();
    for (Event event : StoredTrace.read(file).trace().events()) {
      if (event instanceof Event.Reference e && e.count() > 0) {
        Integer last = counts.get(e.object());
        assertTrue(last == null || last == e.count(), event + ": after " + last);
        int change = e.direction() == Event.Direction.GET ? 1 : -1;
        counts.put(e.object(), e.count() + change);
        if (e.count() + change == 0) {
          counts.remove(e.object());
        }
      }
    }
  }

  @Test
  public void keepsWhatNoWordMayHold() {
    Event.At at = new Event.At(0, 1_000_002, 1, "kworker/0:1 x-5");
    List<Event> events =
        List.of(
            new Event.Logged(at, "a b\t%20 \u00ff"),
            new Event.Step(new Event.At(1, 1_000_003, 0, "-"), true, "apply=x", "refused No such"));
    Trace trace = read(EventText.of(new WatchedEvents(PAIR.trace().watching(), events)));
    assertEquals(trace.events(), events);
  }

  @DataProvider
  static Object[][] damaged() {
    return new Object[][] {
      {"watched hook", "watched", "x:1: this line does not say how it was watched"},
      {"object 1 node", "object 1 thing", "this line has an unknown kind of object"},
      {"chain 1 ", "chain 2 ", "is about an object or a chain that no line before it tells"},
      {" get 1 ", " get 99 ", "is about an object or a chain that no line before it tells"},
      {" get 1 ", " get x ", "this line has a number that is none"},
      {" apply -", " reply -", "is of an event that Lastref does not know: reply"},
      {"\nend ", "\nend 1", "says that there are 1"},
      {"\nend ", "\nend", "is no line of such a trace: end"},
    };
  }

  @Test(dataProvider = "damaged")
  public void saysWhichLineIsWrong(String seen, String instead, String message) {
    assertTrue(TEXT.contains(seen), seen);
    String bad = TEXT.replaceFirst(java.util.regex.Pattern.quote(seen), instead);
    String told = "" + expectThrows(InputFault.class, () -> read(bad)).getMessage();
    assertTrue(told.contains(message), told);
  }

  @Test
  public void isCutShortWithoutItsEnd() {
    String cut = TEXT.substring(0, TEXT.lastIndexOf("end "));
    String told = "" + expectThrows(InputFault.class, () -> read(cut)).getMessage();
    assertTrue(told.endsWith("cut short: it has no end line"), told);
  }
}
