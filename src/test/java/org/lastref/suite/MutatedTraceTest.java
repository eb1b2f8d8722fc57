package org.lastref.suite;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lastref.Recorded;
import org.lastref.model.Policy;
import org.lastref.trace.TraceReader;
import org.lastref.verify.Scenario;
import org.lastref.verify.Verifier;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** One line of a real trace changed, one after the other: each mutant has to be found out. */
public class MutatedTraceTest {
  private static final Pattern REFERENCE = Pattern.compile(".*: (node|device)_(get|put): .*");
  private static final Pattern COUNT = Pattern.compile(" ref=(\\d+) ");
  private static final Pattern HOLDER = Pattern.compile(" (caller|outer)=(\\w+)");
  private static final Pattern TASK = Pattern.compile("^\\s*(\\S+-\\d+)\\s");
  private static final Pattern OBJECT = Pattern.compile(" obj=(\\w+) ");

  /** Who keeps a reference; others look up, and it does not matter what they are called. */
  private static final Set<String> KEEPERS =
      Set.of(
          "of_changeset_action",
          "build_changeset_next_level",
          "of_changeset_destroy",
          "__of_attach_node_sysfs",
          "__of_detach_node_sysfs",
          "of_device_alloc",
          "platform_device_release",
          "of_clk_add_hw_provider",
          "of_clk_del_provider",
          "device_link_add",
          "device_link_free",
          "device_link_release_fn",
          "__device_link_free_srcu",
          "platform_device_put");

  /** A change to the trace at one of its lines. */
  private interface Mutation {
    void apply(List<String> lines, int at);
  }

  @DataProvider
  public Object[][] policies() {
    return Recorded.POLICIES.stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  @Test(dataProvider = "policies")
  public void findsAReferenceThatIsMissing(Policy policy) {
    assertFound(policy, (lines, at) -> true, List::remove);
  }

  @Test(dataProvider = "policies")
  public void findsAReferenceThatIsThereTwice(Policy policy) {
    assertFound(policy, (lines, at) -> true, (lines, at) -> lines.add(at, lines.get(at)));
  }

  @Test(dataProvider = "policies")
  public void findsACountThatIsOneTooHigh(Policy policy) {
    assertFound(policy, (lines, at) -> true, (lines, at) -> count(lines, at, 1));
  }

  @Test(dataProvider = "policies")
  public void findsACountThatIsOneTooLow(Policy policy) {
    assertFound(policy, (lines, at) -> true, (lines, at) -> count(lines, at, -1));
  }

  @Test(dataProvider = "policies")
  public void findsAGetThatShouldBeAPut(Policy policy) {
    assertFound(
        policy,
        (lines, at) -> true,
        (lines, at) ->
            lines.set(
                at,
                lines.get(at).contains("_get: ")
                    ? lines.get(at).replace("_get: ", "_put: ")
                    : lines.get(at).replace("_put: ", "_get: ")));
  }

  @Test(dataProvider = "policies")
  public void findsAKeeperThatTheModelDoesNotKnow(Policy policy) {
    assertFound(
        policy,
        (lines, at) -> KEEPERS.stream().anyMatch(each -> holders(lines.get(at)).contains(each)),
        (lines, at) -> lines.set(at, HOLDER.matcher(lines.get(at)).replaceAll(" $1=of_nothing")));
  }

  @Test(dataProvider = "policies")
  public void findsTwoReferencesOfOneTaskToOneObjectInTheOtherOrder(Policy policy) {
    assertFound(
        policy,
        (lines, at) -> dependent(lines.get(at), lines.get(at + 1)),
        (lines, at) -> lines.add(at, lines.remove(at + 1)));
  }

  private static void assertFound(
      Policy policy, BiPredicate<List<String>, Integer> where, Mutation mutation) {
    Recorded pair = new Recorded("pair", policy);
    Scenario scenario = pair.scenario();
    List<String> original = List.of(pair.text().split("\n", -1));
    List<String> survivors = new ArrayList<>();
    int mutants = 0;
    for (int at = 0; at < original.size(); at++) {
      if (REFERENCE.matcher(original.get(at)).matches() && where.test(original, at)) {
        List<String> lines = new ArrayList<>(original);
        mutation.apply(lines, at);
        mutants++;
        if (Verifier.judge(scenario, TraceReader.read(String.join("\n", lines), "mutant"))
            .conforms()) {
          survivors.add((at + 1) + ": " + original.get(at).strip());
        }
      }
    }
    assertTrue(mutants > 0);
    assertEquals(survivors, List.of(), survivors.size() + " of " + mutants + " survived");
  }

  private static void count(List<String> lines, int at, int more) {
    Matcher count = COUNT.matcher(lines.get(at));
    assertTrue(count.find());
    lines.set(at, count.replaceFirst(" ref=" + (Integer.parseInt(count.group(1)) + more) + " "));
  }

  private static List<String> holders(String line) {
    return HOLDER.matcher(line).results().map(each -> each.group(2)).toList();
  }

  private static boolean dependent(String line, String next) {
    return REFERENCE.matcher(next).matches()
        && part(TASK, line).equals(part(TASK, next))
        && part(OBJECT, line).equals(part(OBJECT, next));
  }

  private static String part(Pattern pattern, String line) {
    Matcher matcher = pattern.matcher(line);
    assertTrue(matcher.find(), line);
    return matcher.group(1);
  }
}
