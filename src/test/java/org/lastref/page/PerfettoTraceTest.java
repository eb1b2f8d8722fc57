package org.lastref.page;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** Read back by protobuf's own reader, by the numbers of Perfetto's trace_packet.proto. */
public class PerfettoTraceTest {

  private final List<UnknownFieldSet> events = new ArrayList<>();
  private final Map<Long, String> tracks = new HashMap<>();
  private final Set<Long> counters = new HashSet<>();
  private Trace trace = read();

  private static Trace read() {
    return StoredTrace.read(Path.of("src/test/resources/traces/watched/01-relax-cycles.trace.gz"))
        .trace();
  }

  private static UnknownFieldSet message(ByteString bytes) {
    try {
      return UnknownFieldSet.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static long number(UnknownFieldSet message, int field) {
    return message.getField(field).getVarintList().get(0);
  }

  @BeforeClass
  void parse() throws InvalidProtocolBufferException {
    trace = read();
    UnknownFieldSet file = UnknownFieldSet.parseFrom(PerfettoTrace.of(trace));
    assertEquals(file.asMap().keySet(), Set.of(1));
    for (ByteString each : file.getField(1).getLengthDelimitedList()) {
      UnknownFieldSet packet = message(each);
      for (ByteString descriptor : packet.getField(60).getLengthDelimitedList()) {
        UnknownFieldSet track = message(descriptor);
        tracks.put(
            number(track, 1), track.getField(2).getLengthDelimitedList().get(0).toStringUtf8());
        if (track.hasField(8)) {
          counters.add(number(track, 1));
        }
      }
      for (ByteString event : packet.getField(11).getLengthDelimitedList()) {
        assertTrue(number(packet, 8) > 0, "it has a time");
        events.add(message(event));
      }
    }
  }

  @Test
  public void eachEventIsOnATrackThatIsDescribed() {
    events.forEach(each -> assertTrue(tracks.containsKey(number(each, 11)), each.toString()));
    assertTrue(tracks.containsValue("steps"), tracks.toString());
    assertTrue(tracks.containsValue("device lr-div"), tracks.toString());
  }

  @Test
  public void slicesOfATrackEndAsOftenAsTheyBegin() {
    Map<Long, Integer> open = new HashMap<>();
    for (UnknownFieldSet each : events) {
      long type = number(each, 9);
      if (type == 1 || type == 2) {
        int now = open.merge(number(each, 11), type == 1 ? 1 : -1, Integer::sum);
        assertTrue(now >= 0, tracks.get(number(each, 11)));
      }
    }
    assertEquals(Set.copyOf(open.values()), Set.of(0));
  }

  @Test
  public void countersAreOnCountersTracksAndHaveTheCounts() {
    List<Long> counts = new ArrayList<>();
    for (UnknownFieldSet each : events) {
      assertEquals(number(each, 9) == 4, counters.contains(number(each, 11)));
      if (number(each, 9) == 4 && "device lr-div".equals(tracks.get(number(each, 11)))) {
        counts.add(number(each, 30));
      }
    }
    List<Long> seen =
        trace.events().stream()
            .filter(each -> each instanceof Reference r && r.name().equals("lr-div"))
            .map(each -> (Reference) each)
            .filter(each -> each.kind() == org.lastref.trace.Event.Kind.DEVICE)
            .map(each -> each.count() + (each.describe().startsWith("get") ? 1L : -1L))
            .toList();
    assertEquals(counts, seen);
  }

  @Test
  public void aFlowBeginsAtAGetAndEndsAtAPut() {
    List<Long> begun = new ArrayList<>();
    List<Long> ended = new ArrayList<>();
    for (UnknownFieldSet each : events) {
      begun.addAll(each.getField(47).getFixed64List());
      ended.addAll(each.getField(48).getFixed64List());
    }
    assertTrue(begun.size() > 10, "" + begun);
    assertEquals(new HashSet<>(begun), new HashSet<>(ended));
    assertEquals(begun.size(), new HashSet<>(begun).size());
  }
}
