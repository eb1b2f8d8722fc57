package org.lastref.verify;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lastref.Recorded;
import org.lastref.klog.Sign;
import org.lastref.model.Bus;
import org.lastref.model.Refcounts;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Point;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Trace;
import org.lastref.trace.Verb;
import org.testng.Reporter;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * One event of a real trace changed, one after the other: each mutant has to be found out, and the
 * repair has to point at the place.
 */
public class MutatedTraceTest {
  private static final long BUDGET = 3_000_000;

  /** Of how many mutants one repair is looked for, which takes a hundred times a verdict. */
  private static final int STRIDE = Integer.getInteger("lastref.mutants.stride", 101);

  /** Who keeps a reference; others look up, and it does not matter what they are called. */
  private static final Set<String> KEEPERS = keepers();

  private static Set<String> keepers() {
    Set<String> keepers =
        Stream.of(Refcounts.SYSFS, Refcounts.LINK, Refcounts.ENTRY, Refcounts.device(Bus.PLATFORM))
            .flatMap(hold -> hold.putBy().stream())
            .collect(Collectors.toSet());
    keepers.addAll(
        Set.of(
            "platform_device_put",
            "of_clk_del_provider",
            "regulator_dev_release",
            "of_gpiochip_remove",
            "of_changeset_action",
            "build_changeset_next_level",
            "__of_attach_node_sysfs",
            "of_device_alloc",
            "of_clk_add_hw_provider",
            "device_link_add"));
    return keepers;
  }

  /** A way to spoil a trace at one of its events. */
  enum Mutation {
    DELETED {
      @Override
      Optional<List<Event>> at(List<Event> events, int at) {
        return isModelled(events, at)
            ? Optional.of(Edit.replaced(events, at, 1, List.of()))
            : Optional.empty();
      }
    },
    DOUBLED {
      @Override
      Optional<List<Event>> at(List<Event> events, int at) {
        return isModelled(events, at)
            ? Optional.of(Edit.replaced(events, at, 0, List.of(events.get(at))))
            : Optional.empty();
      }
    },
    SWAPPED {
      @Override
      Optional<List<Event>> at(List<Event> events, int at) {
        return at + 1 < events.size()
                && dependent(events.get(at), events.get(at + 1))
                && !overlaps(events, at)
            ? Optional.of(Edit.replaced(events, at, 2, List.of(events.get(at + 1), events.get(at))))
            : Optional.empty();
      }
    },
    COUNTED_HIGHER {
      @Override
      Optional<List<Event>> at(List<Event> events, int at) {
        return counted(events, at, 1);
      }
    },
    COUNTED_LOWER {
      @Override
      Optional<List<Event>> at(List<Event> events, int at) {
        return counted(events, at, -1);
      }
    },
    TURNED {
      @Override
      Optional<List<Event>> at(List<Event> events, int at) {
        if (!(events.get(at) instanceof Reference e)) {
          return Optional.empty();
        }
        Direction other = e.direction() == Direction.GET ? Direction.PUT : Direction.GET;
        return Optional.of(
            Edit.replaced(events, at, 1, List.of(Edit.with(e, other, e.holder(), e.count()))));
      }
    },
    RENAMED {
      @Override
      Optional<List<Event>> at(List<Event> events, int at) {
        return events.get(at) instanceof Reference e && KEEPERS.contains(e.holder())
            ? Optional.of(
                Edit.replaced(
                    events, at, 1, List.of(Edit.with(e, e.direction(), "of_nothing", e.count()))))
            : Optional.empty();
      }
    };

    abstract Optional<List<Event>> at(List<Event> events, int at);
  }

  private static Optional<List<Event>> counted(List<Event> events, int at, int more) {
    return events.get(at) instanceof Reference e && !overlaps(events, at)
        ? Optional.of(
            Edit.replaced(
                events, at, 1, List.of(Edit.with(e, e.direction(), e.holder(), e.count() + more))))
        : Optional.empty();
  }

  /** Another task is at the same object at about the same time: then a count proves little. */
  private static boolean overlaps(List<Event> events, int at) {
    EventOrder windows = new EventOrder(new Trace("original", events));
    Reference event = (Reference) events.get(at);
    for (Event each : events) {
      if (each instanceof Reference other && other.object() == event.object()) {
        boolean earlier = other.at().index() < at;
        Reference first = earlier ? other : event;
        Reference second = earlier ? event : other;
        if (windows.mayHappenAfter(first.at(), second.at())
            || windows.mayBeReadBefore(second.at(), first.at())) {
          return true;
        }
      }
    }
    return false;
  }

  /** A link that is dropped while the overlay is applied is no matter of the model's. */
  private static boolean isModelled(List<Event> events, int at) {
    Event event = events.get(at);
    return event instanceof Reference
        || (event instanceof Event.Reached reached
            && reached.point() == Point.LINK_RELEASE
            && events.subList(0, at).stream().anyMatch(MutatedTraceTest::beginsToRemove))
        || (event instanceof Event.Logged logged && Sign.NODE_LEAK.matcher(logged.text()).find());
  }

  private static boolean beginsToRemove(Event event) {
    return event instanceof Event.Step step
        ? step.is(Verb.UNBIND)
        : event instanceof Event.Reached reached && reached.point() == Point.REMOVE;
  }

  /** The same task, and the same object or an order that the kernel's code lays down. */
  private static boolean dependent(Event event, Event next) {
    return event instanceof Reference one
        && next instanceof Reference other
        && one.at().task().equals(other.at().task())
        && one.object() == other.object()
        && !(one.direction() == other.direction() && one.holder().equals(other.holder()));
  }

  private static Stream<Recorded> traces() {
    return Stream.of(Recorded.all(), Recorded.allUnbound(), List.of(Recorded.SLEPT))
        .flatMap(List::stream);
  }

  private record Mutant(Trace trace, int at) {}

  private static List<Mutant> mutants(Recorded recorded, Mutation mutation) {
    List<Event> events = recorded.trace().events();
    List<Mutant> mutants = new ArrayList<>();
    for (int at = 0; at < events.size(); at++) {
      int place = at;
      mutation
          .at(events, at)
          .ifPresent(changed -> mutants.add(new Mutant(new Trace("mutant", changed), place)));
    }
    return mutants;
  }

  @DataProvider
  public Object[][] mutations() {
    return traces()
        .flatMap(
            recorded ->
                IntStream.range(0, Mutation.values().length)
                    .mapToObj(i -> new Object[] {recorded, Mutation.values()[i]}))
        .toArray(Object[][]::new);
  }

  @Test(dataProvider = "mutations")
  public void isFoundOut(Recorded recorded, Mutation mutation) {
    Verifier verifier = new Verifier(recorded.exercise());
    List<String> survivors = new ArrayList<>();
    List<Mutant> mutants = mutants(recorded, mutation);
    for (Mutant mutant : mutants) {
      if (verifier.conforms(mutant.trace())) {
        survivors.add(mutant.at() + ": " + recorded.trace().events().get(mutant.at()));
      }
    }
    assertTrue(!mutants.isEmpty() || mutation == Mutation.SWAPPED);
    assertEquals(survivors, List.of(), survivors.size() + " of " + mutants.size() + " survived");
  }

  @DataProvider
  public Object[][] kinds() {
    return IntStream.range(0, Mutation.values().length)
        .mapToObj(i -> new Object[] {Mutation.values()[i]})
        .toArray(Object[][]::new);
  }

  @Test(dataProvider = "kinds")
  public void isRepairedInItsPlace(Mutation mutation) {
    int tried = 0;
    int first = 0;
    int among = 0;
    List<String> missed = new ArrayList<>();
    for (Recorded recorded : traces().toList()) {
      Verifier verifier = new Verifier(recorded.exercise());
      List<Mutant> mutants = mutants(recorded, mutation);
      for (int i = 0; i < mutants.size(); i += STRIDE) {
        Mutant mutant = mutants.get(i);
        Examination examined = verifier.examined(mutant.trace());
        List<Repair> repairs = Repairs.of(verifier, examined, BUDGET).likeliest();
        tried++;
        if (!repairs.isEmpty() && pointsAt(repairs.get(0), mutant.at())) {
          first++;
        }
        if (repairs.stream().anyMatch(repair -> pointsAt(repair, mutant.at()))) {
          among++;
        } else {
          missed.add(recorded + " event " + mutant.at() + ": " + repairs);
        }
      }
    }
    String share =
        "%s: %d mutants, %d repaired in their place, %d of them by the first repair told"
            .formatted(mutation, tried, among, first);
    Reporter.log(share, true);
    assertTrue(among * 10 >= tried * 9, share + "\n" + String.join("\n", missed));
  }

  private static boolean pointsAt(Repair repair, int at) {
    return repair.from() - 1 <= at && at <= repair.to() + 1;
  }

  @Test
  public void aRepairSaysWhatIsMissing() {
    Recorded pair = new Recorded("pair", Recorded.WAITED);
    List<Event> events = pair.trace().events();
    int put =
        IntStream.range(0, events.size())
            .filter(
                i ->
                    events.get(i) instanceof Reference e
                        && e.kind() == Kind.DEVICE
                        && e.direction() == Direction.PUT
                        && e.name().equals("lr-osc")
                        && Refcounts.LINK.putBy().contains(e.holder()))
            .findFirst()
            .orElseThrow();
    Trace trace = new Trace("pair", Edit.replaced(events, put, 1, List.of()));
    Explanation explanation = Explainer.explain(pair.exercise(), Map.of(), trace, BUDGET);
    String sentence = explanation.repairs().get(0).sentence();
    assertTrue(
        sentence.matches(
            "`put_device\\(lr-osc\\)` by device_link_\\w+ is missing between events \\d+ and \\d+: "
                + "the get by device_link_add \\(event \\d+\\) was never returned"),
        sentence);
  }
}
