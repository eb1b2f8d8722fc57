package org.lastref.klog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds splats in a console's lines as they come. What is not the kernel's may stand before its
 * lines and between them; a splat that loses its end to a broken line ends with the next, or after
 * {@value #MAX_LINES} lines. Used by one thread.
 */
public final class SplatReader {

  /** The lines that one splat may have. */
  static final int MAX_LINES = 400;

  private @Nullable OpenSplat open;

  /** The border that may open a report. */
  private @Nullable LogLine border;

  private long borderAt;
  private long count;

  /**
   * Reads one line.
   *
   * @param line without its line feed
   * @return the splats that are complete by now, mostly none
   */
  public List<Splat> take(String line) {
    LogLine read = LogLine.of(line);
    Optional<Sign> sign = Sign.on(read.text());
    List<Splat> complete = new ArrayList<>(0);
    boolean alone = sign.isPresent() && sign.get().extent() == Extent.LINE;
    OpenSplat current = open;
    if (current != null
        && (!alone || current.ended() || current.endsWith(read) || sign.get() == Sign.BOOT)) {
      switch (current.reaction(read, sign, border != null)) {
        case TAKE -> {
          current.add(read, sign);
          remember(read, current.ended());
          return complete;
        }
        case SKIP -> {
          remember(read, false);
          return complete;
        }
        case END -> complete.addAll(end());
      }
    }
    if (sign.isPresent()) {
      OpenSplat opened = new OpenSplat(sign.get(), read, border, border == null ? count : borderAt);
      if (alone) {
        complete.add(opened.splat());
      } else {
        open = opened;
      }
    }
    remember(read, false);
    return complete;
  }

  /** A border stays one although others write between it and the report. */
  private void remember(LogLine read, boolean last) {
    if (read.border() && !last) {
      border = read;
      borderAt = count;
    } else if (border != null && (read.stamped() || !border.stamped())) {
      border = null;
    }
    count++;
  }

  /** Whether more lines are to come of a splat. A caller waits some seconds for them, no more. */
  public boolean within() {
    return open != null && !open.ended();
  }

  /** Ends what is open: there is nothing more to read for now. */
  public List<Splat> end() {
    List<Splat> last = open == null ? List.of() : List.of(open.splat());
    open = null;
    return last;
  }
}
