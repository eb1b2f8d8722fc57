package org.lastref.verify;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.OptBoolean;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Event.Subject;

/**
 * A reference that is out when it should not be, or one put too many, and whose doing that is.
 *
 * @param subject the node, device or link that the reference is to
 * @param state what is wrong with it
 * @param event the get, or the put too many; null for a reference that was held before the object
 *     was first seen
 * @param given the put that came late, or the get that made one good that came early; else null
 * @param device the device on whose behalf it was taken or put; empty if none is known
 * @param driver the driver that was bound to it then; empty if none is known
 * @param doing what was done to that device, such as {@code added}; empty if none is known
 * @param balanced how often the same function took what was given back, in this trace
 * @param consequences what else was held only because this was
 * @param sure whether there is no doubt whose it is: false if another of the same object may have
 *     been given back instead
 */
public record Holding(
    Subject subject,
    State state,
    @Nullable Reference event,
    @Nullable Reference given,
    String device,
    String driver,
    String doing,
    int balanced,
    List<Subject> consequences,
    @JacksonInject(value = NO_DOUBT, useInput = OptBoolean.TRUE) boolean sure) {
  /** Of an older Lastref, which told no doubts. */
  public static final String NO_DOUBT = "no doubt";

  /** Returns what it found with a reference that is the caller's: drivers/of, drivers/base. */
  private static final Pattern FINDER =
      Pattern.compile(
          "(__)?(of|fwnode|device|bus|class|driver)_"
              + "(get_next|get_parent|get_child|find|fwnode_get|parse_phandle|phandle_iterator)\\w*"
              + "|parse_[a-z_]+"); // of drivers/of/property.c

  /** What is wrong with a reference. */
  public enum State {
    /** It was not given back. */
    NEVER,
    /** It was given back after the kernel had looked. */
    LATE,
    /** It was given back and nobody had it. */
    TOO_MANY,
    /** It was given back before it was taken: meanwhile another's was gone. */
    EARLY
  }

  public Holding {
    consequences = List.copyOf(consequences);
  }

  /** Whether an event is what it is told of: the get or put, or what gave it back. */
  boolean isAbout(Event.At at) {
    return Stream.of(event, given).filter(Objects::nonNull).anyMatch(each -> each.at().equals(at));
  }

  /** Whether it is more than late. */
  public boolean isLost() {
    return state != State.LATE;
  }

  /** What the reference is to: a node by its path, a device by its name. */
  public String what() {
    boolean node = subject.kind() == Kind.NODE && !subject.path().isEmpty();
    return node ? subject.path() : subject.name();
  }

  /**
   * The function whose doing it is: of one that was looked up or come to in a loop, who did so, for
   * the reference is that one's to return. Empty if none is known.
   */
  public String function() {
    return event == null
        ? ""
        : event.chain().callers().stream()
            .filter(function -> !FINDER.matcher(function).matches())
            .findFirst()
            .orElse(event.holder());
  }

  /** The same with what else was held because of it. */
  Holding because(List<Subject> others) {
    return new Holding(subject, state, event, given, device, driver, doing, balanced, others, sure);
  }
}
