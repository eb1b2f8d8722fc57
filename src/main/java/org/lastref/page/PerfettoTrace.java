package org.lastref.page;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.lastref.report.Text;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Called;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Logged;
import org.lastref.trace.Event.Point;
import org.lastref.trace.Event.Reached;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Event.Step;
import org.lastref.trace.Trace;
import org.lastref.verify.Taken;

/**
 * A trace for Perfetto, in its protobuf format: a track for each task, one for the harness' steps
 * and one for the kernel's log; a counter for each node and device; a flow from each get to the put
 * that gives it back. The numbers are those of protos/perfetto/trace/trace_packet.proto,
 * track_event/track_event.proto and track_event/track_descriptor.proto.
 */
public final class PerfettoTrace {

  private static final int PACKET = 1;
  private static final int TIMESTAMP = 8;
  private static final int SEQUENCE = 10;
  private static final int TRACK_EVENT = 11;
  private static final int TRACK_DESCRIPTOR = 60;

  private static final int DESCRIPTOR_UUID = 1;
  private static final int DESCRIPTOR_NAME = 2;
  private static final int DESCRIPTOR_COUNTER = 8;

  private static final int EVENT_ANNOTATION = 4;
  private static final int EVENT_TYPE = 9;
  private static final int EVENT_TRACK = 11;
  private static final int EVENT_NAME = 23;
  private static final int EVENT_COUNT = 30;
  private static final int EVENT_FLOW = 47;
  private static final int EVENT_FLOW_END = 48;

  private static final int ANNOTATION_TEXT = 6;
  private static final int ANNOTATION_NAME = 10;

  /** Of track_event.proto. */
  private enum Type {
    SLICE_BEGIN(1),
    SLICE_END(2),
    INSTANT(3),
    COUNTER(4);

    private final int number;

    Type(int number) {
      this.number = number;
    }
  }

  private static final int MOST_TEXT = 200;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);
  private final Map<String, Long> tracks = new LinkedHashMap<>();
  private final Map<Long, Deque<Point>> open = new HashMap<>();

  /** By the index of a get or a put, the number of the flow that it begins or ends. */
  private final Map<Integer, Long> flows = new HashMap<>();

  private PerfettoTrace() {}

  /** The bytes of a file, {@code CASE.perfetto-trace}. */
  public static byte[] of(Trace trace) {
    try {
      return new PerfettoTrace().written(trace);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] written(Trace trace) throws IOException {
    long flow = 0;
    for (Taken taken : Taken.in(trace, Map.of())) {
      if (taken.put() != null) {
        flow++;
        flows.put(taken.get().at().index(), flow);
        flows.put(taken.put().at().index(), flow);
      }
    }
    for (Event event : trace.events()) {
      write(event);
    }
    out.flush();
    return bytes.toByteArray();
  }

  private void write(Event event) throws IOException {
    if (event instanceof Reference reference) {
      reference(reference);
    } else if (event instanceof Reached reached) {
      reached(reached);
    } else if (event instanceof Called called) {
      event(event, track(event), Type.INSTANT, called.event() + " " + called.argument("name"), "");
    } else if (event instanceof Logged logged) {
      event(event, track("the kernel's log", false), Type.INSTANT, logged.text(), "");
    } else if (event instanceof Step step) {
      long track = track("steps", false);
      event(
          event,
          track,
          step.end() ? Type.SLICE_END : Type.SLICE_BEGIN,
          step.end() ? "" : step.step(),
          step.result());
    }
  }

  private void reference(Reference reference) throws IOException {
    event(reference, track(reference), Type.INSTANT, reference.describe(), "" + reference.chain());
    if (reference.kind() != Kind.LINK) {
      String what = reference.kind() == Kind.NODE ? "node " : "device ";
      long counter = track(what + reference.name(), true);
      int after = reference.count() + (reference.direction() == Direction.GET ? 1 : -1);
      packet(
          reference,
          message -> {
            message.writeEnum(EVENT_TYPE, Type.COUNTER.number);
            message.writeUInt64(EVENT_TRACK, counter);
            message.writeInt64(EVENT_COUNT, after);
          });
    }
  }

  /** A span ends only on the track where it began, the last one first. */
  private void reached(Reached reached) throws IOException {
    long track = track(reached);
    Deque<Point> begun = open.computeIfAbsent(track, each -> new ArrayDeque<>());
    Point point = reached.point();
    if (point.hasEnd()) {
      begun.push(point);
      event(reached, track, Type.SLICE_BEGIN, point.word(), reached.argument());
    } else if (point.begin() != null && point.begin() == begun.peek()) {
      begun.pop();
      event(reached, track, Type.SLICE_END, "", reached.argument());
    } else {
      event(reached, track, Type.INSTANT, point.word() + " " + reached.argument(), "");
    }
  }

  private void event(Event event, long track, Type type, String name, String note)
      throws IOException {
    @Nullable Long flow = flows.get(event.at().index());
    boolean get = event instanceof Reference r && r.direction() == Direction.GET;
    packet(
        event,
        message -> {
          if (!note.isEmpty()) {
            message.writeByteArray(EVENT_ANNOTATION, annotation(note));
          }
          message.writeEnum(EVENT_TYPE, type.number);
          message.writeUInt64(EVENT_TRACK, track);
          if (!name.isEmpty()) {
            message.writeString(EVENT_NAME, Text.line(name, MOST_TEXT).strip());
          }
          if (flow != null) {
            message.writeFixed64(get ? EVENT_FLOW : EVENT_FLOW_END, flow);
          }
        });
  }

  private static byte[] annotation(String text) throws IOException {
    return message(
        message -> {
          message.writeString(ANNOTATION_TEXT, Text.line(text, 4 * MOST_TEXT));
          message.writeString(ANNOTATION_NAME, "note");
        });
  }

  private long track(Event event) throws IOException {
    return track(event.at().task(), false);
  }

  /** Described when it is first used. */
  private long track(String name, boolean counter) throws IOException {
    Long known = tracks.get(name);
    if (known != null) {
      return known;
    }
    long uuid = tracks.size() + 1L;
    tracks.put(name, uuid);
    byte[] descriptor =
        message(
            message -> {
              message.writeUInt64(DESCRIPTOR_UUID, uuid);
              message.writeString(DESCRIPTOR_NAME, Text.line(name, MOST_TEXT));
              if (counter) {
                message.writeByteArray(DESCRIPTOR_COUNTER, new byte[0]);
              }
            });
    out.writeByteArray(
        PACKET,
        message(
            message -> {
              message.writeUInt32(SEQUENCE, 1);
              message.writeByteArray(TRACK_DESCRIPTOR, descriptor);
            }));
    return uuid;
  }

  private void packet(Event event, Fields fields) throws IOException {
    byte[] body = message(fields);
    out.writeByteArray(
        PACKET,
        message(
            message -> {
              message.writeUInt64(TIMESTAMP, event.at().micros() * 1000);
              message.writeUInt32(SEQUENCE, 1);
              message.writeTag(TRACK_EVENT, WireFormat.WIRETYPE_LENGTH_DELIMITED);
              message.writeByteArrayNoTag(body);
            }));
  }

  /** Writes a message's fields. */
  @FunctionalInterface
  private interface Fields {
    void to(CodedOutputStream message) throws IOException;
  }

  private static byte[] message(Fields fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream message = CodedOutputStream.newInstance(bytes);
    fields.to(message);
    message.flush();
    return bytes.toByteArray();
  }
}
