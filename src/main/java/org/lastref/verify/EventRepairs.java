package org.lastref.verify;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.lastref.model.AppliedOverlay;
import org.lastref.model.Refcounts;
import org.lastref.trace.Event;
import org.lastref.trace.Event.At;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;

/**
 * Tries every change to an event on an object that the first findings are about, and judges anew
 * what comes of it.
 */
final class EventRepairs extends Repairs {

  /** How many events on the objects concerned, to each side of a finding, are tried. */
  private static final int NEIGHBOURS = 24;

  private final Examination examined;
  private final List<Event> events;

  /** Who takes and who returns references, as far as the trace shows: by kind and direction. */
  private final Map<String, Set<String>> holders = new HashMap<>();

  /** How often each does. */
  private final Map<String, Integer> times = new HashMap<>();

  EventRepairs(Verifier verifier, Examination examined, long budget) {
    super(verifier, examined.trace(), budget);
    this.examined = examined;
    events = examined.trace().events();
    for (Event event : events) {
      if (event instanceof Reference reference) {
        holders.computeIfAbsent(role(reference), r -> new TreeSet<>()).add(reference.holder());
        times.merge(reference.holder(), 1, Integer::sum);
      }
    }
  }

  private static String role(Reference reference) {
    return reference.kind() + " " + reference.direction();
  }

  @Override
  int place(Examination found) {
    return found.verdict().findings().get(0).event();
  }

  @Override
  Comparator<Candidate> likeliestFirst(int at) {
    return Comparator.comparing((Candidate each) -> each.repair().kind())
        .thenComparingInt(Candidate::doubt)
        .thenComparingInt(each -> Math.abs(each.repair().to() - at));
  }

  @Override
  void search(int at) {
    List<Finding> findings = examined.verdict().findings();
    List<Integer> concerned = concerned(names(findings, examined), at);
    search(concerned, findings.stream().anyMatch(f -> f.type() == Finding.Type.COUNT));
  }

  /** The names of the objects that the findings are about, and of those that could go on. */
  private static Set<String> names(List<Finding> findings, Examination examined) {
    Set<String> names = new LinkedHashSet<>();
    findings.stream().limit(4).forEach(finding -> add(names, finding.object()));
    for (Conformance.Divergence divergence : examined.divergences()) {
      divergence.possible().forEach(label -> add(names, label.object()));
    }
    return names;
  }

  private static void add(Set<String> names, String object) {
    names.add(object.substring(object.lastIndexOf('/') + 1));
  }

  /** The events on these objects: those near an event, and those by a holder seen nowhere else. */
  private List<Integer> concerned(Set<String> names, int at) {
    List<Integer> before = new ArrayList<>();
    List<Integer> after = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      if (names.contains(nameOf(events.get(i)))) {
        (i < at ? before : after).add(i);
      }
    }
    List<Integer> near =
        new ArrayList<>(before.subList(Math.max(0, before.size() - NEIGHBOURS), before.size()));
    near.addAll(after.subList(0, Math.min(NEIGHBOURS, after.size())));
    for (int i : before.subList(0, Math.max(0, before.size() - NEIGHBOURS))) {
      if (events.get(i) instanceof Reference reference
          && times.getOrDefault(reference.holder(), 0) == 1) {
        near.add(0, i);
      }
    }
    return near;
  }

  private static String nameOf(Event event) {
    if (event instanceof Reference reference) {
      return reference.name();
    }
    if (event instanceof Event.Reached reached) {
      return reached.argument();
    }
    if (event instanceof Event.Logged logged) {
      return logged.text().substring(logged.text().lastIndexOf('/') + 1);
    }
    return "";
  }

  /**
   * Looks first where the findings point: counts that do not add up come of events that are
   * missing, one too many or in another order; counts that do, of another holder.
   */
  private void search(List<Integer> concerned, boolean miscounted) {
    if (miscounted) {
      concerned.forEach(this::misplaced);
      missing(concerned, true);
    }
    if (foundNone()) {
      concerned.forEach(this::misnamed);
    }
    if (foundNone() && !miscounted) {
      concerned.forEach(this::misplaced);
    }
    if (foundNone()) {
      missing(concerned, false);
    }
  }

  /** The event is one too many, in the wrong place, read another count or went the other way. */
  private void misplaced(int at) {
    Event event = events.get(at);
    if (conforms(with(at, 1, List.of()))) {
      boolean twin =
          (at > 0 && same(events.get(at - 1), event))
              || (at + 1 < events.size() && same(events.get(at + 1), event));
      about(
          twin ? Repair.Kind.REMOVE_TWIN : Repair.Kind.REMOVE,
          at,
          at,
          "event %d is one too many: %s".formatted(at, described(event)),
          0);
    }
    if (at + 1 < events.size() && conforms(with(at, 2, List.of(events.get(at + 1), event)))) {
      swap(at, at + 1);
    }
    if (at > 0 && conforms(with(at - 1, 2, List.of(event, events.get(at - 1))))) {
      swap(at - 1, at);
    }
    if (event instanceof Reference reference) {
      miscounted(reference, at);
    }
  }

  private static boolean same(Event one, Event other) {
    return Edit.moved(one, other.at()).equals(other) && one.at().task().equals(other.at().task());
  }

  private void swap(int first, int second) {
    about(
        Repair.Kind.SWAP,
        first,
        second,
        "events %d and %d come in the wrong order: %s should follow %s"
            .formatted(first, second, counted(events.get(first)), counted(events.get(second))),
        0);
  }

  private void miscounted(Reference event, int at) {
    for (int count = Math.max(0, event.count() - 1); count <= event.count() + 1; count++) {
      if (count != event.count()) {
        Reference other = Edit.with(event, event.direction(), event.holder(), count);
        if (conforms(with(at, 1, List.of(other)))) {
          about(
              Repair.Kind.COUNT,
              at,
              at,
              "event %d should have read count %d: %s".formatted(at, count, event.describe()),
              0);
        }
      }
    }
    Direction opposite = event.direction() == Direction.GET ? Direction.PUT : Direction.GET;
    Reference turned = Edit.with(event, opposite, event.holder(), event.count());
    if (conforms(with(at, 1, List.of(turned)))) {
      changed(at, event, turned);
    }
  }

  /** The event is by another holder. */
  private void misnamed(int at) {
    if (!(events.get(at) instanceof Reference event)) {
      return;
    }
    for (String holder : holders.getOrDefault(role(event), Set.of())) {
      Reference other = Edit.with(event, event.direction(), holder, event.count());
      if (!holder.equals(event.holder()) && conforms(with(at, 1, List.of(other)))) {
        changed(at, event, other);
        return;
      }
    }
  }

  /** A holder that is seen often is hardly the wrong one. */
  private void changed(int at, Reference event, Reference instead) {
    about(
        Repair.Kind.CHANGE,
        at,
        at,
        "event %d should be a %s instead of a %s"
            .formatted(at, instead.describe(), event.describe()),
        times.getOrDefault(event.holder(), 0));
  }

  /**
   * An event is missing between two on the same object.
   *
   * @param gapsOnly only where the counts show it
   */
  private void missing(List<Integer> concerned, boolean gapsOnly) {
    Map<Long, Integer> last = new HashMap<>();
    for (int at : concerned) {
      if (events.get(at) instanceof Reference reference) {
        Integer before = last.put(reference.object(), at);
        if (before == null) {
          missingBefore(reference, at);
        }
        if (before != null && (!gapsOnly || reference.count() != after(before))) {
          missingBetween(before, at);
        }
      } else if (!gapsOnly) {
        missingLike(at);
      }
    }
    if (gapsOnly) {
      return;
    }
    last.values().forEach(before -> missingBetween(before, events.size()));
    // An event of an object that is not in the trace otherwise, such as a link's release.
    for (int at = 0; at < events.size(); at++) {
      if (events.get(at) instanceof Event.Reached reached
          && reached.point() == Event.Point.LINK_RELEASE) {
        missingLike(at);
        return;
      }
    }
  }

  private int after(int at) {
    Reference reference = (Reference) events.get(at);
    return reference.count() + (reference.direction() == Direction.GET ? 1 : -1);
  }

  private void missingBetween(int before, int next) {
    Reference model = (Reference) events.get(before);
    int count = after(before);
    for (Direction direction : Direction.values()) {
      Set<String> names =
          new TreeSet<>(holders.getOrDefault(model.kind() + " " + direction, Set.of()));
      for (String holder : names) {
        Reference missing = Edit.with(model, direction, holder, count);
        insert(missing, before, next);
      }
    }
  }

  /** The first event on an object is not the first that it should have. */
  private void missingBefore(Reference first, int at) {
    for (int i = 0; i < at; i++) {
      if (events.get(i) instanceof Reference other && other.object() == first.object()) {
        return;
      }
    }
    for (String holder : holders.getOrDefault(first.kind() + " " + Direction.GET, Set.of())) {
      Reference missing = Edit.with(first, Direction.GET, holder, first.count() - 1);
      insert(missing, Math.max(0, at - NEIGHBOURS), at);
    }
  }

  /** Tries an event in every place between two others; told as one repair. */
  private void insert(Event missing, int before, int next) {
    int first = Integer.MAX_VALUE;
    int last = -1;
    int end = Math.min(Math.min(next, events.size()), before + 1 + NEIGHBOURS);
    for (int at = before + 1; at <= end; at++) {
      for (At task : tasks(at)) {
        if (conforms(with(at, 0, List.of(Edit.moved(missing, task))))) {
          first = Math.min(first, at);
          last = Math.max(last, at);
        }
      }
    }
    if (last >= 0) {
      missing(missing, first - 1, last);
    }
  }

  /** Where a reference lacks another's doing, it is not told by whom: any would do. */
  private void missing(Event missing, int from, int to) {
    Holding holding = lacking(missing).orElse(null);
    boolean anybody = holding != null && !isOther(holding, missing);
    String lacking = holding == null ? neverReturned(missing, to) : "";
    String sentence =
        "%s is missing between events %d and %d%s"
            .formatted(anybody ? done(missing) : described(missing), from, to, lacking);
    boolean likeliest = !lacking.isEmpty() || (holding != null && !anybody);
    found(
        new Repair(Repair.Kind.INSERT, from, to, sentence, holding),
        likeliest ? 0 : 1); // a put that a get lacks
  }

  /** A repair of events that are there, with whose reference they are about. */
  private void about(Repair.Kind kind, int from, int to, String sentence, int doubt) {
    Holding holding =
        holdings()
            .filter(
                each -> each.isAbout(events.get(from).at()) || each.isAbout(events.get(to).at()))
            .findFirst()
            .orElse(null);
    found(new Repair(kind, from, to, sentence, holding), doubt);
  }

  /** The reference that lacks such a put or get; of several the one that is likely its other. */
  private Optional<Holding> lacking(Event missing) {
    if (!(missing instanceof Reference other)) {
      return Optional.empty();
    }
    Holding.State state =
        other.direction() == Direction.PUT ? Holding.State.NEVER : Holding.State.TOO_MANY;
    return holdings()
        .filter(each -> each.state() == state && each.subject().object() == other.object())
        .min(Comparator.comparing(each -> !isOther(each, other)));
  }

  /** Whether it is by a function that gives back what the holder takes, or takes what it puts. */
  private boolean isOther(Holding holding, Event missing) {
    Reference event = holding.event();
    return event != null
        && missing instanceof Reference other
        && (other.direction() == Direction.PUT
            ? pairs(event.holder(), other.holder())
            : pairs(other.holder(), event.holder()));
  }

  private Stream<Holding> holdings() {
    return examined.verdict().holdings().stream();
  }

  /** By whom an event in that place may be: by the tasks of its neighbours. */
  private List<At> tasks(int at) {
    List<At> tasks = new ArrayList<>();
    if (at > 0) {
      tasks.add(events.get(at - 1).at());
    }
    if (at < events.size() && (at == 0 || !task(at).equals(task(at - 1)))) {
      tasks.add(events.get(at).at());
    }
    return tasks;
  }

  private String task(int at) {
    return events.get(at).at().task();
  }

  private String neverReturned(Event missing, int before) {
    if (!(missing instanceof Reference put) || put.direction() != Direction.PUT) {
      return "";
    }
    for (int i = Math.min(before, events.size() - 1); i >= 0; i--) {
      if (events.get(i) instanceof Reference get
          && get.direction() == Direction.GET
          && get.object() == put.object()
          && pairs(get.holder(), put.holder())) {
        return isOpen(get)
            ? ": the get by %s (event %d) was never returned".formatted(get.holder(), i)
            : "";
      }
    }
    return "";
  }

  /** Whether a reference that the one function takes is returned by the other. */
  private boolean pairs(String getBy, String putBy) {
    return getBy.equals(putBy)
        || holds().anyMatch(hold -> hold.getBy().equals(getBy) && hold.putBy().contains(putBy));
  }

  private Stream<Refcounts.Hold> holds() {
    return Stream.concat(
        applied()
            .flatMap(
                each -> each.nodes().stream().flatMap(node -> Refcounts.of(node, each).stream())),
        Stream.of(Refcounts.LINK));
  }

  private Stream<AppliedOverlay> applied() {
    return verifier().exercise().model().applied().values().stream();
  }

  /** The names of all links that are released at a removal. */
  private List<String> linkNames() {
    return applied().flatMap(each -> each.links().stream()).map(AppliedOverlay.Link::name).toList();
  }

  /** The paths of all nodes that an overlay added. */
  private List<String> nodePaths() {
    return applied()
        .flatMap(each -> each.nodes().stream())
        .filter(AppliedOverlay.ChangedNode::added)
        .map(AppliedOverlay.ChangedNode::path)
        .toList();
  }

  /** Whether there are fewer puts for gets of this kind than gets. */
  private boolean isOpen(Reference get) {
    int open = 0;
    for (Event event : events) {
      if (event instanceof Reference other && other.object() == get.object()) {
        if (other.direction() == Direction.GET && other.holder().equals(get.holder())) {
          open++;
        } else if (other.direction() == Direction.PUT && pairs(get.holder(), other.holder())) {
          open--;
        }
      }
    }
    return open > 0;
  }

  /** An event of the kind of another, about another object. */
  private void missingLike(int at) {
    Event event = events.get(at);
    if (event instanceof Event.Reached reached && reached.point() == Event.Point.LINK_RELEASE) {
      for (String link : linkNames()) {
        insert(new Event.Reached(reached.at(), reached.point(), link), at - 1, at + NEIGHBOURS);
      }
    } else if (event instanceof Event.Logged logged) {
      int slash = logged.text().lastIndexOf('/');
      if (slash >= 0) {
        for (String path : nodePaths()) {
          insert(
              new Event.Logged(logged.at(), logged.text().substring(0, slash) + path),
              Math.max(0, at - NEIGHBOURS),
              at + NEIGHBOURS);
        }
      }
    }
  }

  private boolean conforms(List<Event> changed) {
    return mayJudge(changed.size()) && verifier().conforms(trace().with(changed));
  }

  private List<Event> with(int at, int removed, List<Event> instead) {
    return Edit.replaced(events, at, removed, instead);
  }

  private static String counted(Event event) {
    String count = event instanceof Reference e ? ", count " + e.count() : "";
    return described(event) + count;
  }

  private static String described(Event event) {
    return event instanceof Reference e ? done(e) + " by " + e.holder() : done(event);
  }

  /** The same without by whom. */
  private static String done(Event event) {
    if (event instanceof Reference e) {
      boolean get = e.direction() == Direction.GET;
      return "`%s(%s)`"
          .formatted(
              e.kind() == Kind.NODE
                  ? get ? "of_node_get" : "of_node_put"
                  : get ? "get_device" : "put_device",
              e.name());
    } else if (event instanceof Event.Reached e) {
      return "`%s %s`".formatted(e.point().name().toLowerCase(Locale.ROOT), e.argument());
    } else if (event instanceof Event.Logged e) {
      return "the log's \"%s\"".formatted(e.text());
    } else {
      return "step " + ((Event.Step) event).step();
    }
  }
}
