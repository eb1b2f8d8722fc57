package org.lastref.verify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.lastref.model.Label;
import org.lastref.model.Label.Act;
import org.lastref.model.Label.Doer;
import org.lastref.model.Registration;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Called;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Trace;

/**
 * Reads {@link Registration} from a trace. Which object is used, and which the kernel says was used
 * after it was freed, is told by its address: that of the references.
 */
public final class RegistrationReading implements Reading {

  /** mm/kasan/report.c of Linux 6.1. */
  private static final Pattern USED = Pattern.compile("BUG: KASAN: use-after-free in (\\w+)");

  private static final Pattern FREED = Pattern.compile("Freed by task (\\d+):");

  private static final Pattern OBJECT =
      Pattern.compile("The buggy address belongs to the object at ([0-9a-f]{1,16})");

  private static final Map<String, Act> PUTS =
      Map.of(
          "device_unregister", Act.UNREGISTER_PUTS_DEVICE,
          "klist_children_put", Act.PARENT_PUTS_DEVICE,
          "device_add", Act.ADD_PUTS_DEVICE);

  private static final Map<String, Act> GETS =
      Map.of("klist_children_get", Act.PARENT_GETS_DEVICE, "device_add", Act.ADD_GETS_DEVICE);

  @Override
  public List<Observed> of(Trace trace) {
    Reader reader = new Reader(trace.events());
    trace.events().forEach(reader::event);
    return reader.observed;
  }

  /** One trace, event by event. */
  private static final class Reader {
    private final List<Event> events;
    private final List<Observed> observed = new ArrayList<>();
    private final Map<Long, String> names = new HashMap<>();
    private final Map<String, Doer> doers = new HashMap<>();
    private final Set<String> registrars = new HashSet<>();

    /** The task that put each object last, by address. */
    private final Map<Long, String> freedBy = new HashMap<>();

    Reader(List<Event> events) {
      this.events = events;
    }

    void event(Event event) {
      if (event instanceof Reference reference) {
        reference(reference);
      } else if (event instanceof Called called) {
        called(called);
      } else if (event instanceof Event.Logged logged && USED.matcher(logged.text()).find()) {
        add(Act.REPORT_USE, reported(logged), logged);
      }
    }

    private void reference(Reference reference) {
      names.put(reference.object(), reference.name());
      boolean get = reference.direction() == Direction.GET;
      if (!get && reference.count() == 1) {
        freedBy.put(reference.object(), reference.at().task());
      }
      Act act = (get ? GETS : PUTS).get(reference.holder());
      add(act == null ? byModule(get, reference) : act, reference.name(), reference);
    }

    /** The module's functions have no names once it is gone. */
    private Act byModule(boolean get, Reference reference) {
      if (!reference.holder().matches("0x[0-9a-f]+|register_\\w+|create_set|use_set")) {
        return get ? Act.READER_GETS_NODE : Act.READER_PUTS_NODE;
      }
      if (registrars.contains(reference.at().task())) {
        return Act.REGISTRAR_PUTS_DEVICE;
      }
      return get ? Act.CREATOR_GETS_DEVICE : Act.CREATOR_PUTS_DEVICE;
    }

    private void called(Called called) {
      ModuleTasks.note(called, doers);
      String name = called.argument("name");
      switch (called.event()) {
        case "register" -> registrars.add(called.at().task());
        case "device_add" -> add(Act.ADD_DEVICE, name, called);
        case "device_added" -> {
          if (registrars.contains(called.at().task())) {
            boolean added = called.argument("ret").equals("0");
            add(added ? Act.ADD_SUCCEEDS : Act.ADD_FAILS, Registration.DEVICE, called);
          }
        }
        case "device_del" -> add(Act.DELETE_DEVICE, name, called);
        case "freed" -> add(Act.RELEASE_DEVICE, name, called);
        case "use" -> {
          String address = called.argument("object").replaceFirst("^0x", "");
          add(Act.USE_DEVICE, name(address), called);
        }
        default -> {}
      }
    }

    private String name(String address) {
      return names.getOrDefault(Long.parseUnsignedLong(address, 16), "0x" + address);
    }

    /** The name of the object that a report is about, if who freed it is who put it last. */
    private String reported(Event.Logged first) {
      @Nullable String freed = null;
      for (Event event : events.subList(first.at().index(), events.size())) {
        if (event instanceof Event.Logged line && line.at().task().equals(first.at().task())) {
          Matcher by = FREED.matcher(line.text());
          Matcher object = OBJECT.matcher(line.text());
          if (by.find()) {
            freed = by.group(1);
          } else if (object.find()) {
            String address = object.group(1);
            String task = freedBy.getOrDefault(Long.parseUnsignedLong(address, 16), "");
            return task.endsWith("-" + freed)
                ? name(address)
                : "%s, freed by task %s".formatted(name(address), freed);
          }
        }
      }
      return "an object that it does not name";
    }

    private void add(Act act, String object, Event event) {
      observed.add(new Observed(new Label(act, object, doer(event.at().task())), event.at()));
    }

    private Doer doer(String task) {
      if (registrars.contains(task)) {
        return Doer.WORK;
      }
      Doer doer = ModuleTasks.doer(task, doers);
      return doer == Doer.UNLOADER ? doer : Doer.OTHER;
    }
  }
}
