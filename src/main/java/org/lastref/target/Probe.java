package org.lastref.target;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.lastref.fault.InputFault;

/**
 * An event beside those of references that the watcher is told to record: {@code struct lrw_probe}
 * of {@code harness/modules/lastref-watch.h}.
 *
 * @param event what it is called in a trace
 * @param kind what gives it
 * @param function with the module's name and a colon before it if it is in one; empty if none gives
 *     it
 * @param arguments what it records
 * @param filter which of them are recorded; all of them are counted
 */
public record Probe(
    String event, Kind kind, String function, List<Argument> arguments, Filter filter) {
  /** What gives an event: {@code enum lrw_probe_kind}. */
  public enum Kind {
    ENTRY(0),
    RETURN(1),
    /** The kernel's log: a line. */
    CONSOLE(2),
    /** A managed resource is added or released: the tracepoint devres_log. */
    DEVRES(3);

    private final byte code;

    Kind(int code) {
      this.code = (byte) code;
    }
  }

  /** Which events are recorded. */
  public sealed interface Filter {
    /** As {@code enum lrw_filter} has it. */
    int code();

    /** The place of the argument that is looked at, or the register. */
    default int argument() {
      return 0;
    }

    /** What its text is compared with. */
    default String match() {
      return "";
    }

    /** What it is compared with as a number. */
    default long number() {
      return 0;
    }

    /** All are. */
    record All() implements Filter {
      @Override
      public int code() {
        return 0;
      }
    }

    /** Those of which an argument, by its place, is one of these. */
    record OneOf(int argument, List<String> words) implements Filter {
      public OneOf {
        words = List.copyOf(words);
      }

      @Override
      public int code() {
        return 1;
      }

      @Override
      public String match() {
        return String.join("|", words);
      }
    }

    /** Those of which an argument begins with this. */
    record Begins(int argument, String match) implements Filter {
      @Override
      public int code() {
        return 2;
      }
    }

    /** Those of which an argument is this number. */
    record Is(int argument, long number) implements Filter {
      @Override
      public int code() {
        return 3;
      }
    }

    /**
     * Those of which an argument is a symbol's address, which the board knows.
     *
     * @param number what it is if that does not say
     */
    record IsSymbol(int argument, String match, long number) implements Filter {
      @Override
      public int code() {
        return 3;
      }
    }

    /** Those about a device that is watched, in the register of that number. */
    record Matters(int argument) implements Filter {
      @Override
      public int code() {
        return 4;
      }
    }
  }

  private static final Filter ALL = new Filter.All();

  /** {@code sizeof(struct lrw_probe)}, and the event's name before it. */
  private static final int SIZE = 224;

  static final int NAME_SIZE = 32;
  private static final int WORD = 64;
  private static final int ARGUMENTS = 4;

  /** So many calls at a time of a function whose return is an event: they may all sleep. */
  private static final int MOST = 64;

  public Probe {
    arguments = List.copyOf(arguments);
    if (arguments.size() > ARGUMENTS) {
      throw new IllegalArgumentException(
          "%s: a probe has at most %d arguments".formatted(event, ARGUMENTS));
    }
  }

  /** A function's entry. */
  public static Probe entry(String event, String function, Argument... arguments) {
    return new Probe(event, Kind.ENTRY, function, List.of(arguments), ALL);
  }

  /** A function's return, with what it returns as {@code ret}. */
  public static Probe exit(String event, String function) {
    return new Probe(event, Kind.RETURN, function, List.of(Argument.returned()), ALL);
  }

  /** The kernel's log. */
  static Probe console() {
    return new Probe("console", Kind.CONSOLE, "", List.of(), ALL);
  }

  /** Managed resources of devices of these names. */
  public static Probe resources(List<String> devices) {
    return new Probe("devres_log", Kind.DEVRES, "", List.of(), new Filter.OneOf(0, devices));
  }

  /** The same for those events only of which the first argument is one of these. */
  public Probe where(String... words) {
    return with(new Filter.OneOf(0, List.of(words)));
  }

  /** The same for some events only. */
  public Probe with(Filter which) {
    return new Probe(event, kind, function, arguments, which);
  }

  /** As the board's agent takes it: the event's name, then the structure. */
  byte[] bytes() {
    ByteBuffer out = ByteBuffer.allocate(NAME_SIZE + SIZE).order(ByteOrder.LITTLE_ENDIAN);
    word(out, event, NAME_SIZE);
    word(out, function, WORD);
    out.put(kind.code).put((byte) arguments.size());
    out.put((byte) filter.code()).put((byte) filter.argument());
    out.putInt(kind == Kind.RETURN ? MOST : 0);
    out.putLong(filter.number());
    word(out, filter.match(), WORD);
    arguments.forEach(argument -> argument.put(out));
    return out.array();
  }

  private void word(ByteBuffer out, String text, int size) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length >= size) {
      throw new InputFault(
          "\"%s\" is longer than the %d bytes that the watcher takes of it"
              .formatted(text, size - 1));
    }
    out.put(bytes).put(new byte[size - bytes.length]);
  }
}
