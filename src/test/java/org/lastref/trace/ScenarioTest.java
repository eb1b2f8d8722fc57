package org.lastref.trace;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.util.List;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What is done is told to a board as text, and had back from it. */
public class ScenarioTest {

  private static final Instruction REMOVE = Instruction.to(Verb.REMOVE, "pair");

  @DataProvider
  public Object[][] verbs() {
    return List.of(Verb.values()).stream()
        .map(each -> new Object[] {each})
        .toArray(Object[][]::new);
  }

  @Test(dataProvider = "verbs")
  public void anInstructionIsHadBackFromItsText(Verb verb) {
    Instruction told = Instruction.to(verb, "a/b=c");
    assertEquals(Instruction.of(told.step(), told.result()), told);
  }

  @Test
  public void anInstructionThatIsBegunIsFinishedWithItsResult() {
    assertEquals(Instruction.start(REMOVE).step(), "start=remove=pair");
    assertEquals(Instruction.finish(REMOVE).toString(), "finish=remove=pair removed");
    assertEquals(Instruction.finish(REMOVE).inner().verb(), Verb.REMOVE);
    assertEquals(Instruction.finish(REMOVE).inner().argument(), "pair");
  }

  @Test
  public void aRefusalMayBeOfAnyKind() {
    assertEquals(REMOVE.refused("").result(), "refused");
    assertEquals(REMOVE.refused("No such device").result(), "refused No such device");
  }

  @Test
  public void refusesAVerbThatItDoesNotKnow() {
    String why =
        ""
            + expectThrows(IllegalArgumentException.class, () -> Instruction.of("dance=pair", ""))
                .getMessage();
    assertTrue(why.contains("dance=pair"), why);
    expectThrows(IllegalArgumentException.class, () -> Instruction.of("remove", ""));
  }

  @Test
  public void tellsTheArgumentsOfAVerb() {
    Scenario scenario =
        new Scenario(
            List.of(Instruction.to(Verb.APPLY, "one"), Instruction.to(Verb.APPLY, "two"), REMOVE));
    assertEquals(scenario.arguments(Verb.APPLY), List.of("one", "two"));
    assertEquals(scenario.steps(), List.of("apply=one", "apply=two", "remove=pair"));
    assertTrue(!scenario.has(Verb.UNBIND));
  }

  @Test
  public void aStepOfATraceIsOfOneVerb() {
    Event.Step unbound =
        new Event.Step(new Event.At(0, 0, 0, "sh-1"), false, "unbind=platform/lr-div", "");
    assertTrue(unbound.begins(Verb.UNBIND));
    assertTrue(!unbound.is(Verb.BIND));
    assertEquals(unbound.argument(), "platform/lr-div");
  }
}
