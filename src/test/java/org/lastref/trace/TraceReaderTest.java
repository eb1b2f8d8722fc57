package org.lastref.trace;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lastref.Recorded;
import org.lastref.fault.LabFault;
import org.lastref.trace.Event.Point;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Traces as the kernel wrote them, whole and damaged. */
public class TraceReaderTest {
  private static final String TEXT = new Recorded("pair", Recorded.LEAKING).text();
  private static final String ATTACH =
      "caller=of_node_get+0x1c/0x2c outer=__of_attach_node_sysfs+0x7c/0xe8";

  @DataProvider
  public Object[][] recorded() {
    return Recorded.all().stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  @Test(dataProvider = "recorded")
  public void readsAsManyEventsAsTheKernelCounted(Recorded recorded) {
    Matcher written = Pattern.compile("entries-written: \\d+/(\\d+)").matcher(recorded.text());
    assertTrue(written.find());
    assertEquals(recorded.trace().events().size(), Integer.parseInt(written.group(1)));
  }

  @Test(dataProvider = "recorded")
  public void numbersTheEventsInTheirOrder(Recorded recorded) {
    List<Event> events = recorded.trace().events();
    for (int i = 0; i < events.size(); i++) {
      assertEquals(events.get(i).at().index(), i);
    }
  }

  @Test
  public void readsAReferenceWithAllItsFields() {
    Event.Reference last = lastPut("lr-osc", Event.Kind.NODE);
    assertEquals(
        last,
        new Event.Reference(
            new Event.At(last.at().index(), 57_197_530L, 0, "kworker/0:6-1675"),
            Event.Direction.PUT,
            new Event.Subject(Event.Kind.NODE, "lr-osc", 0xffffff80012adf80L, "", ""),
            1,
            last.chain()));
    assertEquals(last.holder(), "platform_device_release");
  }

  @Test
  public void looksThroughAFunctionThatPassesTheCallOn() {
    assertEquals(lastPut("lr-osc", Event.Kind.DEVICE).holder(), "device_link_free");
  }

  @Test
  public void takesTheCallerWhereTheCompilerKeptNoFrameBetween() {
    String direct = "caller=of_device_alloc+0x74/0x138 outer=of_platform_notify+0x10/0x20";
    assertEquals(firstHolder(TEXT.replace(ATTACH, direct)), "of_device_alloc");
  }

  @Test
  public void leavesOutTheSuffixOfACompilersClone() {
    String clone = "caller=of_node_get+0x1c/0x2c outer=of_device_alloc.constprop.0.isra.1+0x7/0xe8";
    assertEquals(firstHolder(TEXT.replace(ATTACH, clone)), "of_device_alloc");
  }

  @Test
  public void readsStepsOfTheHarness() {
    List<Event.Step> steps = all(Event.Step.class);
    assertEquals(
        steps.stream().filter(step -> !step.end()).map(Event.Step::step).toList(),
        List.of(
            "apply=pair", "bound=lr-osc,lr-div", "settle=links", "remove=pair", "settle=links"));
  }

  @Test
  public void readsTheResultOfAStepToItsEnd() {
    Trace stacked = new Recorded("stacked-upper", Recorded.LEAKING).trace();
    assertTrue(
        stacked.events().stream()
            .anyMatch(
                event ->
                    event instanceof Event.Step step
                        && step.step().equals("remove=stacked")
                        && step.result().equals("refused Device or resource busy")));
  }

  @Test
  public void readsWhichLinkWasReleased() {
    assertEquals(
        all(Event.Reached.class).stream()
            .filter(reached -> reached.point() == Point.LINK_RELEASE)
            .map(Event.Reached::argument)
            .toList(),
        List.of("platform:lr-osc--platform:lr-div"));
  }

  @Test
  public void readsWhatAFunctionReturned() {
    assertEquals(
        all(Event.Reached.class).stream()
            .filter(reached -> reached.point() == Point.REMOVED)
            .map(Event.Reached::argument)
            .toList(),
        List.of("0"));
  }

  @Test
  public void readsTheKernelsLog() {
    assertEquals(
        all(Event.Logged.class).stream()
            .map(Event.Logged::text)
            .filter(text -> text.contains("before free overlay changeset"))
            .toList(),
        List.of(
            "OF: ERROR: memory leak before free overlay changeset,  /lr-div",
            "OF: ERROR: memory leak before free overlay changeset,  /lr-osc"));
  }

  @Test
  public void refusesATraceThatIsCutShort() {
    String half = TEXT.substring(0, TEXT.lastIndexOf('\n', TEXT.length() / 2));
    assertEquals(
        refusal(half),
        "trace pair:%d: cut short: it has no end line".formatted(half.lines().count()));
  }

  @Test
  public void refusesATraceThatIsCutShortInsideALine() {
    int inside = TEXT.indexOf(" ref=", TEXT.length() / 2);
    assertTrue(refusal(TEXT.substring(0, inside)).startsWith("trace pair:"));
  }

  @Test
  public void refusesAnEmptyTrace() {
    assertEquals(refusal(""), "trace pair:1: cut short: it has no end line");
  }

  @DataProvider
  public Object[][] losses() {
    return new Object[][] {
      {"# lost 12 events on cpu 1"}, {"# missed 3 hits of node_put"},
    };
  }

  @Test(dataProvider = "losses")
  public void refusesATraceThatLostEvents(String line) {
    String message = refusal(TEXT.replace("# end", line + "\n# end"));
    String expected =
        "trace pair:%d: lost events (%s)".formatted(TEXT.lines().count(), line.substring(2));
    assertTrue(message.startsWith(expected), message);
  }

  @Test
  public void refusesATraceWithALossInItsMiddle() {
    String lost = "CPU:1 [LOST 5 EVENTS]\n";
    assertTrue(refusal(before("destroy: ", lost)).startsWith("trace pair:91: this line "));
  }

  @Test
  public void refusesABufferThatOverflowed() {
    assertEquals(
        refusal(TEXT.replace("entries-written: 112/112", "entries-written: 112/130")),
        "trace pair:3: holds 112 of 130 events: the buffer was too small");
  }

  @DataProvider
  public Object[][] fields() {
    return new Object[][] {
      {"name", "name=\"lr-osc\""},
      {"obj", "obj=0xffffff80012adf80"},
      {"ref", "ref=1"},
      {"caller", "caller=of_node_get+0x1c/0x2c"},
      {"outer", "outer=of_changeset_action+0x68/0xb4"},
    };
  }

  @Test(dataProvider = "fields")
  public void refusesAFieldThatTheProbeCouldNotRead(String field, String value) {
    assertTrue(
        refusal(replaceFirst(value, field + "=(fault)"))
            .startsWith("trace pair:15: this line has no readable " + field + ":"));
  }

  @Test(dataProvider = "fields")
  public void refusesAReferenceThatLacksAField(String field, String value) {
    assertTrue(
        refusal(replaceFirst(value, ""))
            .startsWith("trace pair:15: this line has no readable " + field + ":"));
  }

  @Test
  public void refusesANumberThatIsNone() {
    assertTrue(
        refusal(replaceFirst("ref=1", "ref=many"))
            .startsWith("trace pair:15: this line has a number that is none:"));
  }

  @Test
  public void refusesAnAddressThatIsNone() {
    assertTrue(
        refusal(replaceFirst("obj=0x", "obj="))
            .startsWith("trace pair:15: this line has a number that is none:"));
  }

  @Test
  public void refusesWhatComesAfterTheEnd() {
    assertTrue(
        refusal(replaceFirst("# end", "# end\n# more"))
            .endsWith("this line comes after the end line"));
  }

  @Test
  public void refusesALineThatIsNoEvent() {
    assertEquals(
        refusal(before("destroy: ", "sh: can't create trace\n")),
        "trace pair:91: this line is no event of a trace: sh: can't create trace");
  }

  @Test
  public void showsNoControlSequenceOfALineThatIsNoEvent() {
    String message = refusal(before("destroy: ", "\u001b[2Jgone\n"));
    assertTrue(message.endsWith("is no event of a trace: ?[2Jgone"), message);
  }

  @Test
  public void refusesAnEventThatItDoesNotKnow() {
    assertEquals(
        refusal(before("destroy:", " sh-1 [000] d.... 1.000000: sched_switch: prev=sh\n")),
        "trace pair:91: this line is of an event that Lastref does not know: sched_switch");
  }

  private static String refusal(String text) {
    return expectThrows(LabFault.class, () -> TraceReader.read(text, "pair")).getMessage();
  }

  /** The trace with another line before the first one that has this event. */
  private static String before(String event, String line) {
    int start = TEXT.lastIndexOf('\n', TEXT.indexOf(": " + event)) + 1;
    return TEXT.substring(0, start) + line + TEXT.substring(start);
  }

  private static String replaceFirst(String what, String by) {
    return TEXT.replaceFirst(Pattern.quote(what), Matcher.quoteReplacement(by));
  }

  /** Who holds what was sysfs's in the recorded trace. */
  private static String firstHolder(String text) {
    return TraceReader.read(text, "pair").events().stream()
        .filter(Event.Reference.class::isInstance)
        .map(Event.Reference.class::cast)
        .filter(each -> !each.holder().equals("of_changeset_action"))
        .filter(each -> each.direction() == Event.Direction.GET)
        .findFirst()
        .orElseThrow()
        .holder();
  }

  private static Event.Reference lastPut(String name, Event.Kind kind) {
    return all(Event.Reference.class).stream()
        .filter(each -> each.name().equals(name) && each.kind() == kind)
        .reduce((earlier, later) -> later)
        .orElseThrow();
  }

  private static <E extends Event> List<E> all(Class<E> type) {
    return TraceReader.read(TEXT, "pair").events().stream()
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }
}
