package org.lastref.model;

import java.util.List;
import java.util.stream.Stream;
import org.lastref.trace.Verb;

/** What else happens while an overlay is removed. */
public enum Situation {
  /** Nothing: one thread removes it. */
  REMOVE("remove", true, true),
  /**
   * Its drivers are unbound first, by hand, the last device first. Links that a driver made with
   * {@code DL_FLAG_AUTOREMOVE_CONSUMER} are released then, before the nodes are detached: the doubt
   * of the author of {@code sync-overlay}, thread 000. Those that were inferred from the devicetree
   * stay: {@code __device_links_no_driver()}, drivers/base/core.c.
   */
  UNBIND("unbind", true, true),
  /** The same, the first device first. */
  UNBIND_FIRST("unbind-first", true, false),
  /**
   * The same, a supplier first: the kernel unbinds its consumers for it, {@code
   * device_links_unbind_consumers()} of drivers/base/core.c.
   */
  UNBIND_SUPPLIER("unbind-supplier", true, false),
  /** Its drivers are unbound, the last device first, and bound again. */
  REBIND("rebind", true, false),
  /** It is applied again as soon as it was removed, and removed again. */
  AGAIN("again", true, false),
  /**
   * Another one is applied before it that has nothing to do with it; they are removed in one order,
   * then applied again and removed in the other.
   */
  BESIDE("beside", true, false),
  /**
   * What user space can open of its devices is open when the removal begins, closed a second later.
   */
  HELD("held", true, false),
  /** The modules of its drivers are unloaded first. */
  UNLOAD("unload", true, false),
  /** Its last consumer is still probing when the removal begins. */
  PROBE("probe", false, true),
  /** Two threads remove it at once. */
  TWICE("twice", false, true),
  /** Somebody looks one of its nodes up, and returns it soon after. */
  READ("read", false, true);

  /** Whatever their names are: the devices of overlays that have drivers. */
  static final String ALL = "all/";

  static final String LAST_FIRST = ALL + "last-first";
  static final String FIRST_FIRST = ALL + "first-first";
  static final String SUPPLIERS_FIRST = ALL + "suppliers-first";

  /** Those that were unbound. */
  static final String AGAIN_BOUND = ALL + "again";

  private final String word;
  private final boolean onBoard;
  private final boolean modelled;

  Situation(String word, boolean onBoard, boolean modelled) {
    this.word = word;
    this.onBoard = onBoard;
    this.modelled = modelled;
  }

  /**
   * What else happens, as what is done says.
   *
   * @param steps what is done, each as {@link org.lastref.trace.Instruction#step} has it
   */
  public static Situation of(List<String> steps) {
    if (any(steps, Verb.HOLD, "")) {
      return HELD;
    } else if (any(steps, Verb.BIND, AGAIN_BOUND)) {
      return REBIND;
    } else if (any(steps, Verb.UNBIND, FIRST_FIRST)) {
      return UNBIND_FIRST;
    } else if (any(steps, Verb.UNBIND, SUPPLIERS_FIRST)) {
      return UNBIND_SUPPLIER;
    } else if (any(steps, Verb.UNBIND, "")) {
      return UNBIND;
    }
    List<String> applied = arguments(steps, Verb.APPLY);
    List<String> removed = arguments(steps, Verb.REMOVE);
    if (applied.stream().distinct().count() < applied.size()) {
      int half = removed.size() / 2;
      return removed.subList(0, half).equals(removed.subList(half, 2 * half)) ? AGAIN : BESIDE;
    }
    String all = String.join("\n", steps);
    boolean unloaded = any(steps, Verb.UNLOAD, "") && any(steps, Verb.REMOVE, "");
    return unloaded && all.indexOf(Verb.UNLOAD + "=") < all.lastIndexOf(Verb.REMOVE + "=")
        ? UNLOAD
        : REMOVE;
  }

  private static boolean any(List<String> steps, Verb verb, String argument) {
    return steps.stream().anyMatch(each -> each.startsWith(verb + "=" + argument));
  }

  private static List<String> arguments(List<String> steps, Verb verb) {
    String begin = verb + "=";
    return steps.stream()
        .filter(each -> each.startsWith(begin))
        .map(each -> each.substring(begin.length()))
        .toList();
  }

  /** Whether the argument of {@link Verb#UNBIND} means all devices of overlays. */
  public static boolean areAll(String argument) {
    return argument.startsWith(ALL);
  }

  /** Whether it can be brought about on a board; the model alone has the others. */
  public boolean isOnBoard() {
    return onBoard;
  }

  /** Whether the model has it; the others are judged by what every kernel promises. */
  public boolean isModelled() {
    return modelled;
  }

  /** Those that a board can bring about. */
  public static List<Situation> onBoard() {
    return Stream.of(values()).filter(Situation::isOnBoard).toList();
  }

  /** Those that the model has. */
  public static List<Situation> modelled() {
    return Stream.of(values()).filter(Situation::isModelled).toList();
  }

  @Override
  public String toString() {
    return word;
  }
}
