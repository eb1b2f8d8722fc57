package org.lastref.trace;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What the watcher in the kernel recorded, as text of version 2, see {@link EventText}.
 *
 * @param watching how it was watched
 * @param events in their order
 */
public record WatchedEvents(Watching watching, List<Event> events) implements Records {
  static final int VERSION = 2;

  public WatchedEvents {
    events = List.copyOf(events);
  }

  @Override
  public int version() {
    return VERSION;
  }

  @Override
  public void write(OutputStream out) throws IOException {
    out.write(EventText.of(this).getBytes(StandardCharsets.ISO_8859_1));
  }

  @Override
  public Trace read(String name) {
    return new Trace(name, watching, events);
  }
}
