package org.lastref.offline;

import static org.testng.Assert.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.lastref.model.AppliedOverlay;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Event.Subject;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.lastref.verify.Finding;
import org.lastref.verify.OverlayRemoval;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What was expected of overlays is what a kernel {@code field} made of them. */
public class ExpectedAndSeenTest {

  private static final Path FOLDER = Path.of("src/test/resources/traces/applied");

  private static final Set<String> BUSES = Set.of("platform", "i2c", "spi", "amba");

  @DataProvider
  public Object[][] traces() {
    return new Object[][] {{"i2c"}, {"spi"}, {"amba"}};
  }

  private static StoredTrace stored(String name) {
    return StoredTrace.read(FOLDER.resolve(name + ".trace.gz"));
  }

  private static OverlayRemoval removal(StoredTrace stored) {
    return TraceHeaders.removal(Objects.requireNonNull(stored.header()), FOLDER);
  }

  private static Stream<Subject> subjects(Trace trace) {
    return trace.events().stream()
        .flatMap(
            event ->
                event instanceof Reference reference
                    ? Stream.of(reference.subject())
                    : Stream.empty());
  }

  /**
   * By node, the last if a bus could not have it; adapters have their controller's node and stand
   * on the bus that they make.
   */
  private static Map<String, String> seen(Trace trace) {
    Map<String, String> seen = new TreeMap<>();
    subjects(trace)
        .filter(each -> BUSES.contains(each.bus()) && !each.path().isEmpty())
        .filter(each -> !each.name().matches("i2c-[0-9]+"))
        .forEach(each -> seen.put(each.path(), each.bus() + ":" + each.name()));
    return seen;
  }

  @Test(dataProvider = "traces")
  public void eachDeviceThatIsExpectedIsMadeOnItsBusAndNoOther(String name) {
    StoredTrace stored = stored(name);
    AppliedOverlay applied = Objects.requireNonNull(removal(stored).applied().get(name));
    Map<String, String> expected = new TreeMap<>();
    applied.devices().forEach(each -> expected.put(each.path(), each.bus().toString()));
    Map<String, String> seen = seen(stored.trace());
    seen.replaceAll((path, device) -> device.substring(0, device.indexOf(':')));
    assertEquals(seen, expected);
  }

  /** Open names stand for those that the kernel gave; an unknown driver's own are left out. */
  @Test(dataProvider = "traces")
  public void theLinksAreThoseExpected(String name) {
    StoredTrace stored = stored(name);
    AppliedOverlay applied = Objects.requireNonNull(removal(stored).applied().get(name));
    Map<String, String> seen = seen(stored.trace());
    Set<String> expected = new TreeSet<>();
    Stream.concat(applied.links().stream(), applied.dropped().stream())
        .map(AppliedOverlay.Link::name)
        .map(link -> named(link, seen))
        .forEach(expected::add);
    Set<String> made = new TreeSet<>();
    subjects(stored.trace())
        .map(Subject::name)
        .filter(link -> link.contains("--") && !link.startsWith("regulator:"))
        .forEach(made::add);
    assertEquals(made, expected);
  }

  private static String named(String link, Map<String, String> seen) {
    String named = link;
    for (Map.Entry<String, String> each : seen.entrySet()) {
      named = named.replaceAll("i2c:" + each.getKey() + "$", each.getValue());
    }
    return named;
  }

  @Test(dataProvider = "traces")
  public void nothingIsFound(String name) {
    StoredTrace stored = stored(name);
    assertEquals(RemovalOracle.of(removal(stored)).judge(stored.trace()).findings(), List.of());
  }

  /** The kernel could have made none: then that is found. */
  @Test
  public void aDeviceThatWasNotMadeIsFound() {
    StoredTrace stored = stored("i2c");
    String chip = "/lr-i2c/lr-other@50";
    List<Event> without =
        stored.trace().events().stream()
            .map(
                event ->
                    event instanceof Reference reference && reference.subject().path().equals(chip)
                        ? homeless(reference)
                        : event)
            .toList();
    assertEquals(
        RemovalOracle.of(removal(stored))
            .judge(new Trace("i2c", stored.trace().watching(), without))
            .findings()
            .stream()
            .filter(each -> each.type() == Finding.Type.APPLY)
            .map(Finding::object)
            .toList(),
        List.of(chip));
  }

  private static Event homeless(Reference one) {
    Subject it = one.subject();
    return new Reference(
        one.at(),
        one.direction(),
        new Subject(it.kind(), it.name(), it.object(), it.bus(), ""),
        one.count(),
        one.chain());
  }
}
