package org.lastref.verify;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.lastref.klog.Sign;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.Refcounts;
import org.lastref.trace.Chain;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Event.Subject;
import org.lastref.trace.Trace;
import org.lastref.verify.Holding.State;

/**
 * Finds whose the references are that do not come back, or come late, and who put one too many:
 * each put is matched with the get that it most likely gives back, see {@link Pairs}, and what is
 * left over is it.
 */
final class Holders {
  private static final Map<String, String> DOINGS =
      Map.of(
          "device_add", "adding",
          "really_probe", "probing",
          "device_del", "deleting",
          "platform_device_del", "deleting",
          "device_release_driver_internal", "unbinding");

  private static final Map<String, String> DONE =
      Map.of(
          "adding", "added",
          "probing", "probed",
          "deleting", "deleted",
          "unbinding", "unbound");

  private final Trace trace;
  private final Pairs pairs;
  private final List<Life> lives;

  /** How many steps had begun or ended before an event. */
  private final int[] steps;

  /** An object from the first event to the last put, or to the end. */
  private static final class Life {
    private final Subject subject;
    private final List<Reference> events = new ArrayList<>();

    /** The references that it had when it was first seen. */
    private final int first;

    private int count;
    private List<Taking> takings = List.of();
    private List<Reference> surplus = List.of();

    private Life(Reference event) {
      subject = event.subject();
      first = Math.max(0, event.count());
      count = first;
    }

    private void add(Reference event) {
      events.add(event);
      count += event.direction() == Direction.GET ? 1 : -1;
    }

    /** What it should come to in the end: it goes, or is held as it was before. */
    private int wanted() {
      return first <= 1 || count == 0 ? 0 : first;
    }
  }

  /**
   * A reference, and how it went back.
   *
   * @param sure whether there is no doubt that the one gave back the other
   */
  private record Taking(@Nullable Reference get, @Nullable Reference put, boolean sure) {
    /** Whether it was got before an event, as the first references were. */
    private boolean isGotBefore(Reference event) {
      return get == null || get.at().index() < event.at().index();
    }

    /** Whether it was given back after another was got. */
    private boolean isPutAfter(@Nullable Reference got) {
      return put != null && (got == null || put.at().index() > got.at().index());
    }
  }

  private Holders(Trace trace, Pairs pairs) {
    this.trace = trace;
    this.pairs = pairs;
    lives = lives(trace);
    steps = new int[trace.events().size() + 1];
    for (Event event : trace.events()) {
      int index = event.at().index();
      steps[index + 1] = steps[index] + (event instanceof Event.Step ? 1 : 0);
    }
  }

  /**
   * Whose the references are that a trace shows out.
   *
   * @param applied what the model knows of the overlays, by name
   * @param before traces of the same in which everything came back
   */
  static List<Holding> of(Trace trace, Map<String, AppliedOverlay> applied, List<Trace> before) {
    Pairs pairs = new Pairs();
    applied.values().forEach(pairs::know);
    before.forEach(each -> new Holders(each, pairs).match());
    Holders holders = new Holders(trace, pairs);
    holders.match();
    return holders.found();
  }

  /** Every reference that was taken, and how it went back. */
  static List<Taken> taken(Trace trace, Map<String, AppliedOverlay> applied) {
    Pairs pairs = new Pairs();
    applied.values().forEach(pairs::know);
    Holders holders = new Holders(trace, pairs);
    holders.match();
    return holders.lives.stream()
        .flatMap(life -> life.takings.stream())
        .flatMap(taking -> holders.taken(taking).stream())
        .sorted(Comparator.comparingInt(each -> each.get().at().index()))
        .toList();
  }

  private Optional<Taken> taken(Taking taking) {
    Reference get = taking.get();
    if (get == null) {
      return Optional.empty();
    }
    Optional<Event.Called> doing = doing(get);
    String device = doing.map(each -> each.argument("name")).orElse("");
    return Optional.of(
        new Taken(
            get,
            taking.put(),
            device,
            driver(device, get),
            doing.map(each -> DONE.getOrDefault(each.event(), "")).orElse("")));
  }

  private static List<Life> lives(Trace trace) {
    Map<Long, Life> open = new LinkedHashMap<>();
    List<Life> lives = new ArrayList<>();
    for (Event event : trace.events()) {
      if (event instanceof Reference reference) {
        Life life = open.get(reference.object());
        boolean over = life != null && life.count <= 0 && reference.count() == 1;
        if (life == null || over) {
          life = new Life(reference);
          open.put(reference.object(), life);
          lives.add(life);
        }
        life.add(reference);
      }
    }
    return lives;
  }

  /** First where nothing is left over: what is learned there tells the rest apart. */
  private void match() {
    List<Life> whole = lives.stream().filter(each -> each.count == each.wanted()).toList();
    whole.forEach(this::match);
    whole.forEach(
        each ->
            each.takings.forEach(
                taking -> {
                  if (taking.get() != null && taking.put() != null) {
                    pairs.saw(taking.get(), taking.put());
                  }
                }));
    lives.stream().filter(each -> each.count != each.wanted()).forEach(this::match);
  }

  /** A get, or one of the first references if that is null, a put, and how well they fit. */
  private record Fit(int get, int put, int cost, int apart) {}

  private void match(Life life) {
    List<@Nullable Reference> gets = new ArrayList<>();
    List<Reference> puts = new ArrayList<>();
    // Of what stays it plays no part who had the first.
    for (int i = 0; i < life.first - life.wanted(); i++) {
      gets.add(null);
    }
    for (Reference event : life.events) {
      if (event.direction() == Direction.GET) {
        gets.add(event);
      } else {
        puts.add(event);
      }
    }
    List<Fit> fits = new ArrayList<>();
    for (int g = 0; g < gets.size(); g++) {
      for (int p = 0; p < puts.size(); p++) {
        fit(gets.get(g), puts.get(p), g, p).ifPresent(fits::add);
      }
    }
    fits.sort(Comparator.comparingInt(Fit::cost).thenComparingInt(Fit::apart));
    Map<Integer, Fit> matched = new HashMap<>();
    Set<Integer> given = new HashSet<>();
    for (Fit fit : fits) {
      if (!matched.containsKey(fit.get()) && given.add(fit.put())) {
        matched.put(fit.get(), fit);
      }
    }
    List<Taking> takings = new ArrayList<>();
    for (int g = 0; g < gets.size(); g++) {
      Fit fit = matched.get(g);
      takings.add(
          fit == null
              ? new Taking(gets.get(g), null, false)
              : new Taking(gets.get(g), puts.get(fit.put()), Pairs.isSure(fit.cost())));
    }
    List<Reference> surplus = new ArrayList<>();
    for (int p = 0; p < puts.size(); p++) {
      if (!given.contains(p)) {
        surplus.add(puts.get(p));
      }
    }
    life.takings = takings;
    life.surplus = surplus;
  }

  private Optional<Fit> fit(@Nullable Reference get, Reference put, int g, int p) {
    if (get == null) {
      return Optional.of(new Fit(g, p, pairs.cost(put), put.at().index()));
    }
    int from = get.at().index();
    int to = put.at().index();
    return from > to
        ? Optional.empty()
        : Optional.of(new Fit(g, p, pairs.cost(get, put, steps[from] == steps[to]), to - from));
  }

  private List<Holding> found() {
    List<Holding> found = new ArrayList<>();
    Map<String, Integer> reported = reported();
    List<Life> out = new ArrayList<>();
    for (Life life : lives) {
      if (life.count > life.wanted()) {
        out.add(life);
      } else if (life.count < life.wanted() || life.events.get(0).count() < 1) {
        life.surplus.forEach(
            put -> found.add(holding(life, State.TOO_MANY, put, null, isSurelyMore(life, put))));
      } else {
        early(life).ifPresent(found::add);
      }
      Integer looked = life.subject.kind() == Kind.NODE ? reported.get(life.subject.path()) : null;
      if (looked != null && life.count <= life.wanted()) {
        late(life, looked).ifPresent(found::add);
      }
    }
    for (Life life : out) {
      if (out.stream().noneMatch(other -> explains(other, life))) {
        life.takings.stream()
            .filter(taking -> taking.put() == null)
            .map(
                taking ->
                    holding(life, State.NEVER, taking.get(), null, isSurelyOut(life, taking.get())))
            .map(holding -> holding.because(consequences(life, out)))
            .forEach(found::add);
      }
    }
    return found;
  }

  /**
   * A put that gave back what nobody had taken by then, if it is certain whose all the others were.
   */
  private Optional<Holding> early(Life life) {
    if (life.surplus.size() != 1 || !trace.watching().exact()) {
      return Optional.empty();
    }
    Reference put = life.surplus.get(0);
    boolean sure =
        life.takings.stream().filter(taking -> taking.isGotBefore(put)).allMatch(Taking::sure);
    return life.takings.stream()
        .filter(taking -> taking.put() == null && taking.get() != null && sure)
        .findFirst()
        .map(taking -> holding(life, State.EARLY, put, taking.get(), true));
  }

  /** Whether no other reference than this one may be out: none whose put may have been its own. */
  private static boolean isSurelyOut(Life life, @Nullable Reference get) {
    return life.takings.stream().filter(taking -> taking.isPutAfter(get)).allMatch(Taking::sure);
  }

  /** Whether no other put than this one may be too many: none whose get may have been its own. */
  private static boolean isSurelyMore(Life life, Reference put) {
    return life.takings.stream()
        .filter(taking -> taking.put() != null && taking.isGotBefore(put))
        .allMatch(Taking::sure);
  }

  /** Where the kernel looked at nodes and found them held, by their paths. */
  private Map<String, Integer> reported() {
    Map<String, Integer> reported = new TreeMap<>();
    for (Event event : trace.events()) {
      if (event instanceof Event.Logged logged) {
        var matcher = Sign.NODE_LEAK.matcher(logged.text());
        if (matcher.find()) {
          reported.putIfAbsent(matcher.group(1), logged.at().index());
        }
      }
    }
    return reported;
  }

  /** The last of those that came back after somebody had looked: it was what all waited for. */
  private Optional<Holding> late(Life life, int looked) {
    return life.takings.stream()
        .filter(taking -> taking.put() != null && taking.put().at().index() > looked)
        .filter(taking -> taking.get() != null && taking.get().at().index() < looked)
        .filter(taking -> !isChangeset(taking))
        .max(
            Comparator.comparingInt(taking -> taking.put() == null ? 0 : taking.put().at().index()))
        .map(taking -> holding(life, State.LATE, taking.get(), taking.put(), taking.sure()));
  }

  /** What the changeset itself holds goes after its look. */
  private static boolean isChangeset(Taking taking) {
    return taking.get() != null && Refcounts.ENTRY.isTakenBy(taking.get().chain());
  }

  /** Whether an object is out only because another is: its node, or what its link holds. */
  private static boolean explains(Life guilty, Life other) {
    if (guilty == other) {
      return false;
    }
    boolean node =
        other.subject.kind() == Kind.NODE
            && guilty.subject.kind() != Kind.NODE
            && !other.subject.path().isEmpty()
            && other.subject.path().equals(guilty.subject.path());
    boolean linked =
        guilty.subject.kind() == Kind.LINK
            && other.subject.kind() == Kind.DEVICE
            && guilty.subject.name().contains(":" + other.subject.name());
    boolean made =
        guilty.subject.kind() == Kind.OTHER_DEVICE
            && other.subject.kind() == Kind.DEVICE
            && !other.subject.path().isEmpty()
            && other.subject.path().equals(guilty.subject.path());
    return node || linked || made;
  }

  private static List<Subject> consequences(Life guilty, List<Life> out) {
    return out.stream()
        .filter(other -> explains(guilty, other))
        .map(other -> other.subject)
        .toList();
  }

  private Holding holding(
      Life life, State state, @Nullable Reference event, @Nullable Reference given, boolean sure) {
    Optional<Event.Called> doing = event == null ? Optional.empty() : doing(event);
    return new Holding(
        life.subject,
        state,
        event,
        given,
        doing.map(each -> each.argument("name")).orElse(""),
        event == null ? "" : driver(doing.map(each -> each.argument("name")).orElse(""), event),
        doing.map(each -> DONE.getOrDefault(each.event(), "")).orElse(""),
        event == null ? 0 : balanced(event),
        List.of(),
        sure);
  }

  /** What was last begun in the task that is in the chain, and has not ended. */
  private Optional<Event.Called> doing(Reference event) {
    for (String function : event.chain().functions()) {
      String name = DOINGS.get(function);
      if (name != null) {
        for (int i = event.at().index() - 1; i >= 0; i--) {
          if (trace.events().get(i) instanceof Event.Called called
              && called.event().equals(name)
              && called.at().task().equals(event.at().task())
              && isOpen(called, event)) {
            return Optional.of(called);
          }
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Whether what was begun has not ended, as far as chains tell: ends are not watched. A device
   * that is unbound because it is deleted is not unbound any more once it is deleted.
   */
  private boolean isOpen(Event.Called begun, Reference event) {
    return hasSameCallers(begun, event)
        && before(begun)
            .filter(outer -> outer.event().equals("deleting"))
            .filter(outer -> outer.argument("name").equals(begun.argument("name")))
            .map(outer -> hasSameCallers(outer, event))
            .orElse(true);
  }

  /** What was begun in the same task before. */
  private Optional<Event.Called> before(Event.Called begun) {
    for (int i = begun.at().index() - 1; i >= 0; i--) {
      if (trace.events().get(i) instanceof Event.Called called
          && DOINGS.containsValue(called.event())
          && called.at().task().equals(begun.at().task())) {
        return Optional.of(called);
      }
    }
    return Optional.empty();
  }

  /** Whether an event has those callers that the first one had after something was begun. */
  private boolean hasSameCallers(Event.Called begun, Reference event) {
    List<String> here = since(begun, event);
    for (int i = begun.at().index() + 1; i < event.at().index(); i++) {
      if (trace.events().get(i) instanceof Reference first
          && first.at().task().equals(event.at().task())) {
        List<String> callers = since(begun, first);
        if (!callers.isEmpty()) {
          return here.isEmpty()
              ? event.chain().functions().size() >= Chain.FULL
              : isBelow(begun, callers, here);
        }
      }
    }
    return true;
  }

  /** Whether two chains are alike, of which one may begin further out: one doer calls another. */
  private static boolean isBelow(Event.Called begun, List<String> callers, List<String> here) {
    for (int at = 0; at < callers.size() && isDoneBy(begun, callers.get(at)); at++) {
      int both = Math.min(callers.size() - at, here.size());
      if (callers.subList(at, at + both).equals(here.subList(0, both))) {
        return true;
      }
    }
    return false;
  }

  /** The function by which it is done, and who called for it; empty if it is not in the chain. */
  private static List<String> since(Event.Called begun, Reference event) {
    List<String> functions = event.chain().functions();
    for (int i = 0; i < functions.size(); i++) {
      if (isDoneBy(begun, functions.get(i))) {
        return functions.subList(i, functions.size());
      }
    }
    return List.of();
  }

  private static boolean isDoneBy(Event.Called begun, String function) {
    return begun.event().equals(DOINGS.get(function));
  }

  /** The driver that a device was last probed by before an event. */
  private String driver(String device, Reference event) {
    for (int i = event.at().index() - 1; i >= 0; i--) {
      if (trace.events().get(i) instanceof Event.Called called
          && called.event().equals("probing")
          && called.argument("name").equals(device)) {
        return called.argument("driver");
      }
    }
    return "";
  }

  private int balanced(Reference event) {
    return (int)
        lives.stream()
            .flatMap(life -> life.takings.stream())
            .filter(taking -> taking.put() != null && taking.get() != null)
            .filter(taking -> taking.get() != null && isAlike(taking.get(), event))
            .count();
  }

  private static boolean isAlike(Reference one, Reference other) {
    return one.direction() == other.direction() && one.holder().equals(other.holder());
  }
}
