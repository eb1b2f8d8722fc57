package org.lastref.klog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/** A splat of which more lines may come. */
final class OpenSplat {

  /** What becomes of a line. */
  enum Reaction {
    TAKE,
    /** It is not the kernel's. */
    SKIP,
    /** The splat ends before it. */
    END
  }

  /** Lines that do not look like a trace's, once one was there: of other processors. */
  private static final int MAX_STRANGE = 20;

  private final long first;
  private final boolean stamped;
  private final List<LogLine> lines = new ArrayList<>();
  private Sign sign;
  private Matcher found;
  private Extent extent;
  private boolean deadly;
  private boolean traced;
  private boolean ended;
  private int strange;
  private int skipped;

  /**
   * @param border the line before, if it is one
   * @param at the place of the border, or else of the line
   */
  OpenSplat(Sign sign, LogLine line, @Nullable LogLine border, long at) {
    this.sign = sign;
    this.first = at;
    this.stamped = line.stamped();
    this.extent = sign.extent();
    this.deadly = sign.deadly();
    this.found = found(sign, line);
    if (border != null) {
      lines.add(border);
    }
    lines.add(line);
  }

  private static Matcher found(Sign sign, LogLine line) {
    Matcher matcher = sign.matcher(line.text());
    if (!matcher.find()) {
      throw new IllegalArgumentException(sign + " is not on the line " + line);
    }
    return matcher;
  }

  boolean ended() {
    return ended;
  }

  /** Whether the line is the last of this splat. */
  boolean endsWith(LogLine line) {
    return extent.endsWith(line.text());
  }

  /**
   * What becomes of the next line.
   *
   * @param bordered whether the line before it is a border
   */
  Reaction reaction(LogLine line, Optional<Sign> next, boolean bordered) {
    if (next.filter(Sign.BOOT::equals).isPresent()
        || lines.size() >= SplatReader.MAX_LINES
        || skipped >= SplatReader.MAX_LINES) {
      return Reaction.END;
    }
    if (stamped && !line.stamped()) {
      return next.isPresent() ? Reaction.END : skip();
    }
    if (next.filter(sign -> sign.extent() == Extent.END_PANIC).isPresent()) {
      return Reaction.TAKE;
    }
    if (ended) {
      return line.text().startsWith("note: ") ? Reaction.TAKE : Reaction.END;
    }
    if (extent == Extent.END_PANIC) {
      return Reaction.TAKE;
    }
    if (next.isPresent() && (bordered || next.get() == Sign.CUT_HERE)) {
      // Some say what is wrong just before they cut.
      boolean announced = extent == Extent.END_TRACE && lines.size() == 1 && !bordered;
      return announced && sign != Sign.CUT_HERE ? Reaction.TAKE : Reaction.END;
    }
    boolean belongs = Backtrace.has(line.text()) && !line.border();
    boolean free = next.isEmpty() || next.get() == Sign.OOPS;
    return switch (extent) {
      case LINE -> Reaction.END;
      case TRACE -> belongs && free ? Reaction.TAKE : Reaction.END;
      case BACKTRACE ->
          (belongs && free) || (!traced && !line.border()) ? Reaction.TAKE : Reaction.END;
      case END_TRACE ->
          !traced || (free && (belongs || endsWith(line) || strange++ < MAX_STRANGE))
              ? Reaction.TAKE
              : Reaction.END;
      case BORDER, KILL, END_PANIC -> Reaction.TAKE;
    };
  }

  private Reaction skip() {
    skipped++;
    return Reaction.SKIP;
  }

  void add(LogLine line, Optional<Sign> next) {
    lines.add(line);
    traced |= Backtrace.starts(line.text());
    next.ifPresent(each -> join(each, line));
    ended |= endsWith(line);
  }

  private void join(Sign next, LogLine line) {
    if (sign == Sign.CUT_HERE && next != Sign.CUT_HERE) {
      sign = next;
      found = found(next, line);
    }
    if (next.deadly()) {
      deadly = true;
      extent = next.extent();
      ended = false;
    }
  }

  Splat splat() {
    List<String> texts = lines.stream().map(LogLine::text).toList();
    String named = sign.namesFunction() ? found.group("in") : null;
    String function = named == null ? Backtrace.function(texts) : Backtrace.bare(named);
    return new Splat(
        sign,
        deadly,
        sign.title(found, function),
        first,
        lines.stream().map(LogLine::whole).toList());
  }
}
