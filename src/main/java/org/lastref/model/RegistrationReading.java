package org.lastref.model;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.lastref.machine.Doer;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Called;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Logged;
import org.lastref.trace.Event.Reference;

/**
 * Reads {@link Registration} from a trace. Which object is used, and which the kernel says was used
 * after it was freed, is told by its address: that of the references.
 */
final class RegistrationReading extends Pass {

  private static final Table TABLE = Registration.ACTS.table();

  private static final Pattern FREED = Pattern.compile("Freed by task (\\d+):");

  private static final Pattern OBJECT =
      Pattern.compile("The buggy address belongs to the object at ([0-9a-f]{1,16})");

  private final List<Event> events;
  private final Map<Long, String> names = new HashMap<>();
  private final Set<String> registrars = new HashSet<>();

  /** The task that put each object last, by address. */
  private final Map<Long, String> freedBy = new HashMap<>();

  /**
   * @param events all that is read: a report of KASAN has many lines
   */
  RegistrationReading(List<Event> events) {
    super(TABLE);
    this.events = events;
  }

  @Override
  void follow(Event event) {
    if (event instanceof Reference reference) {
      names.put(reference.object(), reference.name());
      if (reference.direction() == Direction.PUT && reference.count() == 1) {
        freedBy.put(reference.object(), reference.at().task());
      }
    } else if (event instanceof Called called) {
      noteTasks(event);
      if (called.event().equals("register")) {
        registrars.add(called.at().task());
      }
    }
  }

  @Override
  Doer doer(Event event) {
    String task = event.at().task();
    if (registrars.contains(task)) {
      return Doers.WORK;
    }
    Doer doer = ModuleTasks.doer(task, doers());
    return doer.equals(Doers.UNLOADER) ? doer : Doers.OTHER;
  }

  @Override
  Optional<String> object(KernelAct act, String about, Event event) {
    if (act == Registration.ADD_SUCCEEDS || act == Registration.ADD_FAILS) {
      return Optional.of(Registration.DEVICE)
          .filter(each -> registrars.contains(event.at().task()));
    }
    if (act == Registration.USE_DEVICE) {
      return Optional.of(name(((Called) event).argument("object").replaceFirst("^0x", "")));
    }
    return Optional.of(act == Registration.REPORT_USE ? reported((Logged) event) : about);
  }

  @Override
  void otherwise(Event event) {
    if (event instanceof Reference reference) {
      add(byModule(reference), reference.name(), reference);
    }
  }

  /** The module's functions have no names once it is gone. */
  private KernelAct byModule(Reference reference) {
    boolean get = reference.direction() == Direction.GET;
    if (!reference.holder().matches("0x[0-9a-f]+|register_\\w+|create_set|use_set")) {
      return get ? Removal.READER_GETS_NODE : Removal.READER_PUTS_NODE;
    }
    if (registrars.contains(reference.at().task())) {
      return Registration.REGISTRAR_PUTS_DEVICE;
    }
    return get ? Registration.CREATOR_GETS_DEVICE : Registration.CREATOR_PUTS_DEVICE;
  }

  private String name(String address) {
    return names.getOrDefault(Long.parseUnsignedLong(address, 16), "0x" + address);
  }

  /** The name of the object that a report is about, if who freed it is who put it last. */
  private String reported(Logged first) {
    @Nullable String freed = null;
    for (Event event : events.subList(first.at().index(), events.size())) {
      if (event instanceof Logged line && line.at().task().equals(first.at().task())) {
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
}
