package org.lastref.model;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.lastref.machine.Act;
import org.lastref.machine.Agent;
import org.lastref.machine.Effect;
import org.lastref.machine.Exploration;
import org.lastref.machine.Explorer;
import org.lastref.machine.Label;
import org.lastref.machine.Machine;
import org.lastref.machine.Outcome;
import org.lastref.machine.Step;
import org.lastref.machine.Variable;
import org.lastref.model.ParentRegistration.Call;
import org.lastref.model.ParentRegistration.Life;
import org.lastref.model.ParentRegistration.Rules;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** In which ways the life of a parent of mediated devices may end. */
public class ParentRegistrationTest {

  private static final long MEMORY = 16 << 20;

  private static final Rules NO_REF = new Rules(false, false, false);
  private static final Rules AFTER_PUT = new Rules(true, false, false);
  private static final Rules BEFORE_PUT = new Rules(true, true, false);
  private static final Rules CHECKED = new Rules(false, false, true);

  /** Every life under every rule, but for that of which nothing can be said. */
  static List<Machine> all() {
    List<Machine> machines = new ArrayList<>();
    for (Life life : Life.values()) {
      for (int bits = 0; bits < 8; bits++) {
        Rules rules = new Rules((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0);
        if (life != Life.AGAIN || rules.checkParent()) {
          machines.add(ParentRegistration.of(life, rules).machine());
        }
      }
    }
    return machines;
  }

  private static Exploration explored(Life life, Rules rules) {
    return explored(ParentRegistration.of(life, rules).machine());
  }

  private static Exploration explored(Machine machine) {
    Exploration found = Explorer.search(machine, MEMORY, (states, open) -> {});
    assertTrue(found.complete());
    return found;
  }

  /** The one way in which such a life ends. */
  private static Outcome end(Life life, Rules rules) {
    Exploration found = explored(life, rules);
    assertEquals(found.outcomes().size(), 1, "" + found.outcomes());
    return found.outcomes().first();
  }

  @DataProvider
  public Object[][] kept() {
    return new Object[][] {
      {Life.KEPT, NO_REF}, {Life.KEPT, AFTER_PUT}, {Life.KEPT, BEFORE_PUT},
      {Life.CHILD, NO_REF}, {Life.CHILD, AFTER_PUT}, {Life.CHILD, BEFORE_PUT},
      {Life.HASTY, NO_REF}, {Life.HASTY, AFTER_PUT}, {Life.HASTY, BEFORE_PUT},
      {Life.DROPPED, BEFORE_PUT}, {Life.TWICE, CHECKED}, {Life.STRAY, CHECKED},
      {Life.AGAIN, CHECKED},
    };
  }

  /** As the author of the patch says: who holds a reference need not care when mdev drops its. */
  @Test(dataProvider = "kept")
  public void keepsEveryPromise(Life life, Rules rules) {
    assertEquals(end(life, rules), Outcome.none());
  }

  @DataProvider
  public Object[][] broken() {
    return new Object[][] {
      {Life.DROPPED, NO_REF, ParentRegistration.SENT_OF_RELEASED},
      {Life.DROPPED, AFTER_PUT, ParentRegistration.SENT_OF_RELEASED},
      {Life.TWICE, NO_REF, ParentRegistration.LEAKED},
      {Life.TWICE, AFTER_PUT, ParentRegistration.LEAKED},
      {Life.STRAY, NO_REF, ParentRegistration.NOT_UNREGISTERED},
      {Life.STRAY, BEFORE_PUT, ParentRegistration.NOT_UNREGISTERED},
    };
  }

  /** As its reviewer says, if the caller does not hold one; and where nobody checks. */
  @Test(dataProvider = "broken")
  public void breaksAPromise(Life life, Rules rules, String promise) {
    assertEquals(end(life, rules).broken(), Set.of(promise));
  }

  /** Neither before the types are there nor in any other life does user space hear of them. */
  @Test
  public void noKernelTellsOfARegistrationBeforeTheTypesAreThere() {
    for (Machine machine : all()) {
      for (Outcome outcome : explored(machine).outcomes()) {
        assertTrue(outcome.grade() != Outcome.Grade.FORBIDDEN, machine.name() + ": " + outcome);
      }
    }
  }

  /** So that the promise before is not empty: it is broken by a kernel that tells too early. */
  @Test
  public void aKernelThatTellsTooEarlyIsFoundOut() {
    Machine machine = ParentRegistration.of(Life.KEPT, NO_REF).machine();
    Agent caller = machine.agents().get(0);
    Step create = step(caller, ParentRegistration.CREATE_TYPES);
    Step send = step(caller, ParentRegistration.SEND_UEVENT);
    Variable types = variable(machine, "types in sysfs");
    // The types come with the step after the uevent.
    List<Step> steps = new ArrayList<>();
    for (Step each : caller.steps()) {
      List<Effect> effects = new ArrayList<>(each.effects());
      effects.removeIf(effect -> effect.variable().equals(types) && each.to() <= create.from());
      if (each.from() == send.to()) {
        effects.add(types.becomes(2));
      }
      steps.add(with(each, effects));
    }
    Agent early = new Agent(caller.name(), caller.position(), steps, caller.rests());
    Machine changed =
        new Machine(
            "early", machine.variables(), List.of(early, machine.agents().get(1)), machine.facts());
    Set<String> wrong = new TreeSet<>();
    explored(changed).outcomes().forEach(outcome -> wrong.addAll(outcome.wrong()));
    assertEquals(wrong, Set.of(ParentRegistration.NO_TYPES_YET));
  }

  private static Step with(Step step, List<Effect> effects) {
    return new Step(
        step.from(), step.to(), step.guard(), effects, step.label(), step.does(), step.where());
  }

  private static Step step(Agent agent, Act act) {
    return agent.steps().stream()
        .filter(each -> each.label() != null && each.label().act() == act)
        .findFirst()
        .orElseThrow();
  }

  private static Variable variable(Machine machine, String name) {
    return machine.variables().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Only a listener that is slow, or a caller in haste, misses the types. */
  @Test
  public void userSpaceMayComeTooLateOnlyIfNobodyWaitsForIt() {
    assertEquals(heard(Life.KEPT), Set.of("registered, 2 types", "unregistered, 0 types"));
    assertEquals(
        heard(Life.HASTY),
        Set.of(
            "registered, 0 types",
            "registered, 1 types",
            "registered, 2 types",
            "unregistered, 0 types"));
  }

  private static Set<String> heard(Life life) {
    return explored(life, NO_REF).labels().stream()
        .filter(label -> label.act() == ParentRegistration.HEAR_UEVENT)
        .map(Label::object)
        .collect(Collectors.toSet());
  }

  /** A parent is released once in each life, but for the one that leaks it. */
  @Test
  public void everyParentIsReleasedUnlessItLeaks() {
    for (Machine machine : all()) {
      Exploration found = explored(machine);
      boolean leaks =
          found.outcomes().stream()
              .anyMatch(outcome -> outcome.broken().contains(ParentRegistration.LEAKED));
      boolean released =
          found.labels().stream()
              .anyMatch(label -> label.act() == ParentRegistration.RELEASE_PARENT);
      assertEquals(released, !leaks, machine.name());
    }
  }

  @Test
  public void saysNothingOfALifeThatCorruptsMemory() {
    assertFalse(Life.AGAIN.calls().contains(Call.REGISTER_OTHER));
    assertThrows(
        IllegalArgumentException.class, () -> ParentRegistration.of(Life.AGAIN, AFTER_PUT));
  }
}
