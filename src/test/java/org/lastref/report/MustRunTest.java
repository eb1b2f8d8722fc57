package org.lastref.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.lastref.fault.InputFault;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Cases that may not be missing in silence. */
public class MustRunTest extends TemporaryFolder {

  private static List<String> names(List<CaseResult> missing) {
    return missing.stream().map(CaseResult::name).toList();
  }

  @Test
  public void readsACaseAlineAndComments() throws IOException {
    var file = Files.writeString(root.resolve("list"), "# all\n\n a/b \nc # the rest\r\n");
    assertEquals(MustRun.read(file).entries(), List.of("a/b", "c"));
  }

  @DataProvider
  public Object[][] garbage() {
    return new Object[][] {
      {"a\nb c\n", "list:2: 'b c' is no case's name: write one a line"},
      {"a\n\u001b[2J\n", "list:2: '\\u001b[2J' is no case's name"},
      {"x".repeat(201), "list:1: 'xxx"},
      {"a\nb\n\na\n", "list:4: a is there twice"},
      {"# nothing\n", "list: names no case that must run"},
    };
  }

  @Test(dataProvider = "garbage")
  public void refusesGarbageByItsLine(String content, String expected) {
    var fault = expectThrows(InputFault.class, () -> MustRun.parse("list", content));
    assertTrue(String.valueOf(fault.getMessage()).startsWith(expected), fault.getMessage());
  }

  @Test
  public void refusesWhatIsNoTextAndWhatIsNotThere() throws IOException {
    var bytes = Files.write(root.resolve("bytes"), new byte[] {(byte) 0xff, (byte) 0xfe});
    for (var file : List.of(bytes, root.resolve("none"), root)) {
      var fault = expectThrows(InputFault.class, () -> MustRun.read(file));
      assertTrue(String.valueOf(fault.getMessage()).contains(file.toString()));
    }
  }

  @Test
  public void onlyWhatBeganHasRun() {
    var list = MustRun.parse("list", "ran\nlate\nover/\nnone\nfaulty\nra\n");
    var missing =
        list.missing(
            "qemu-virt",
            List.of(
                Cases.result("ran/1", Status.FAILED),
                CaseResult.notRun(Cases.planned("late"), "not run: the board was given up: dead"),
                Cases.result("over/1", Status.PASSED),
                Cases.result("over/2", Status.SKIPPED),
                Cases.result("overhead", Status.SKIPPED),
                Cases.result("faulty", Status.ERROR)),
            Map.of("late", "the board was given up: dead"),
            Cases.NOW);
    assertEquals(names(missing), List.of("late", "none", "over/2", "ra"));
    var late = missing.get(0);
    assertEquals(late.id(), "must-run/late");
    assertEquals(late.status(), Status.ERROR);
    assertEquals(late.className(), "qemu-virt.must-run");
    assertEquals(late.headline(), "late must run and did not run: the board was given up: dead");
    assertTrue(missing.get(1).headline().contains("is not in this run"));
    assertTrue(missing.get(1).detail().contains("./lastref run --case none"));
  }

  @Test
  public void isInTheFolderFromTheStartAndGoneOnceItRan() {
    var folder = RunFolder.create(root, "qemu-virt", Cases.NOW);
    folder.plan(List.of(Cases.planned("1"), Cases.planned("2")));
    folder.require(MustRun.parse("list", "1\n2\nelsewhere\n"));
    assertEquals(read(folder), List.of("1", "2", "elsewhere"));
    folder.addCase(Cases.result("1", Status.PASSED));
    assertEquals(read(folder), List.of("2", "elsewhere"));
    folder.addCase(Cases.result("2", Status.PASSED));
    folder.close("all cases ran");
    assertEquals(read(folder), List.of("elsewhere"));
    assertEquals(folder.report().totals().exitCode(), 3);
  }

  @Test
  public void aListThatWasKeptLeavesAsuiteWithoutCases() {
    var folder = RunFolder.create(root, "qemu-virt", Cases.NOW);
    folder.require(MustRun.parse("list", "1\n"));
    folder.addCase(Cases.result("1", Status.PASSED));
    folder.close("all cases ran");
    assertEquals(read(folder), List.of());
    assertEquals(folder.report().totals().exitCode(), 0);
  }

  /** As run.json and the XML have it, which have to agree. */
  private static List<String> read(RunFolder folder) {
    var json =
        names(
            RunReport.read(folder.path().resolve("run.json")).cases().stream()
                .filter(each -> each.className().equals("qemu-virt.must-run"))
                .toList());
    var xml =
        Xml.suites(folder.path()).stream()
            .filter(suite -> suite.getAttribute("name").equals("qemu-virt.must-run"))
            .flatMap(suite -> Xml.children(suite, "testcase").stream())
            .filter(each -> Xml.children(each, "error").size() == 1)
            .map(each -> each.getAttribute("name"))
            .toList();
    assertEquals(xml, json);
    return json;
  }
}
