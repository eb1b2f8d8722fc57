package org.lastref.verify;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertNotNull;
import static org.testng.Assert.assertNull;
import static org.testng.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.lastref.Recorded;
import org.lastref.model.Policy;
import org.lastref.model.Refcounts;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Direction;
import org.lastref.trace.Event.Kind;
import org.lastref.trace.Event.Reference;
import org.lastref.trace.Trace;
import org.lastref.verify.Explanation.AgentView;
import org.testng.annotations.Test;

/** Why a verdict is what it is. */
public class ExplainerTest {
  private static final long BUDGET = 3_000_000;

  private static Explanation explain(OverlayRemoval removal, Trace trace) {
    return Explainer.explain(
        removal.exercise(), removal.exercises(removal.policies()), trace, BUDGET);
  }

  private static final Recorded PAIR = new Recorded("pair", Recorded.WAITED);

  /** The link returns its consumer and forgets its supplier. */
  private static Explanation forgotten() {
    return explain(
        PAIR.removal(),
        without(
            event ->
                event instanceof Reference e
                    && e.kind() == Kind.DEVICE
                    && e.direction() == Direction.PUT
                    && e.name().equals("lr-osc")
                    && Refcounts.LINK.putBy().contains(e.holder())));
  }

  private static Trace without(Predicate<Event> gone) {
    List<Event> events = PAIR.trace().events();
    for (int i = 0; i < events.size(); i++) {
      if (gone.test(events.get(i))) {
        return new Trace("forgotten", Edit.replaced(events, i, 1, List.of()));
      }
    }
    throw new IllegalArgumentException("no such event");
  }

  private static Explanation.Divergence divergence(Explanation explanation) {
    return Objects.requireNonNull(explanation.divergence());
  }

  @Test
  public void namesWhatWouldHaveToComeFirst() {
    assertEquals(
        divergence(forgotten()).because(),
        "link lr-osc--lr-div, who does it, has first: put_device(lr-osc) in device_link_free(),"
            + " drivers/base/core.c");
  }

  @Test
  public void namesTheGuardThatIsFalseForEachAgent() {
    List<AgentView> agents = divergence(forgotten()).agents();
    assertEquals(
        agents.stream().map(AgentView::agent).toList(), List.of("remover", "link lr-osc--lr-div"));
    assertEquals(agents.get(0).isFalse(), List.of("device_link_wq is empty (it is 1)"));
    assertEquals(agents.get(1).isFalse(), List.of());
  }

  @Test
  public void tellsTheStateOfTheObjects() {
    assertTrue(divergence(forgotten()).state().contains(new Explanation.Value("refs(lr-osc)", 1)));
  }

  @Test
  public void tellsTheWayThereWithHiddenSteps() {
    List<String> steps = new ArrayList<>();
    divergence(forgotten()).before().forEach(done -> steps.add(done.agent() + ": " + done.step()));
    assertEquals(steps.get(0), "remover: detach_node(/lr-div)");
    assertEquals(
        steps.subList(steps.size() - 3, steps.size()),
        List.of(
            "link lr-osc--lr-div: the grace period ends",
            "link lr-osc--lr-div: put_device(lr-div)",
            "link lr-osc--lr-div: of_node_put(/lr-div)"));
  }

  @Test
  public void tellsThatARemoverDidNotWait() {
    Recorded leaking = new Recorded("pair", Recorded.LEAKING);
    String because =
        divergence(explain(leaking.removal(Recorded.WAITED), leaking.trace())).because();
    assertTrue(
        because.startsWith("remover, who does it, has first: flush_workqueue(device_link_wq)")
            && because.endsWith("it is false that device_link_wq is empty (it is 1)"),
        because);
  }

  @Test
  public void aConformingTraceHasNothingToExplain() {
    Explanation explanation = explain(PAIR.removal(), PAIR.trace());
    assertEquals(explanation.findings(), List.of());
    assertNull(explanation.divergence());
    assertEquals(explanation.repairs(), List.of());
  }

  @Test
  public void aTraceCouldBeOfItsOwnPolicyAndNotOfEvery() {
    for (Recorded recorded : Recorded.all()) {
      List<Explanation.Consistency> policies =
          explain(recorded.removal(), recorded.trace()).policies();
      String own = recorded.policy().toString();
      assertTrue(
          policies.stream().anyMatch(p -> p.policy().equals(own) && p.ruledOutBy().isEmpty()), own);
      // With no link of its own an overlay goes the same way under each.
      boolean leaks = !recorded.shape().equals("leds") && !recorded.shape().equals("cycle");
      assertTrue(!leaks || policies.stream().anyMatch(p -> !p.ruledOutBy().isEmpty()), own);
    }
  }

  @Test
  public void findsAPolicyForAKernelThatNobodyDescribed() {
    for (Recorded recorded : Recorded.all()) {
      Exercise nearest =
          Explainer.nearest(recorded.removal().exercises(Policy.all()).values(), recorded.trace());
      assertEquals(Verifier.judge(nearest, recorded.trace()).findings(), List.of());
    }
  }

  @Test
  public void saysThatItDidNotLookForARepairOfALongTrace() {
    LongTrace made = LongTrace.of(PAIR, 10_000);
    List<Event> events = LongTrace.read(made.stored()).events();
    Trace broken = new Trace("long", Edit.replaced(events, 20, 1, List.of()));
    Explanation explanation =
        Explainer.explain(made.exercise(), PAIR.removal().exercises(Policy.all()), broken, BUDGET);
    assertFalse(explanation.findings().isEmpty());
    assertFalse(explanation.repairsSearched());
    assertNotNull(explanation.policies());
  }

  @Test
  public void aLongTraceOfManyCyclesConforms() {
    LongTrace made = LongTrace.of(new Recorded("chain", Recorded.LEAKING), 20_000);
    assertEquals(
        Verifier.judge(made.exercise(), LongTrace.read(made.stored())).findings(), List.of());
  }
}
