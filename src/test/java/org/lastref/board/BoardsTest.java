package org.lastref.board;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.lastref.fault.InputFault;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** A folder of boards, and how they are chosen. */
public class BoardsTest {

  private Path folder = Path.of("");

  @BeforeMethod
  void makeFolder() throws Exception {
    folder = Files.createTempDirectory("lastref-boards");
    write("one", "[arm64, left]");
    write("two", "[arm64, right]");
    Files.writeString(folder.resolve("torn.yaml"), "name: torn\nlabels: [arm64\n");
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private Path write(String name, String labels) throws IOException {
    String good = Files.readString(Path.of("boards/qemu-virt.yaml"));
    return Files.writeString(
        folder.resolve(name + ".yaml"),
        good.replace("name: qemu-virt", "name: " + name).replace("[qemu, arm64]", labels));
  }

  private List<String> chosen(String... words) {
    return Boards.in(folder).chosen(List.of(words)).stream().map(BoardDefinition::name).toList();
  }

  private String refused(String... words) {
    return expectThrows(InputFault.class, () -> chosen(words)).getMessage();
  }

  @Test
  public void choosesByNameLabelAndFile() throws Exception {
    Path file = write("three", "[]");
    assertEquals(chosen("two", "one"), List.of("two", "one"));
    assertEquals(chosen("arm64"), List.of("one", "two"));
    assertEquals(chosen("right", "arm64", "" + file), List.of("two", "one", "three"));
  }

  @Test
  public void refusesABoardTwice() {
    assertEquals(
        refused("one", "arm64", "one"),
        "board one is chosen twice: a board does one thing at a time");
    assertTrue(refused("one", folder.resolve("one.yaml").toString()).startsWith("board one is"));
  }

  @Test
  public void namesBoardsAndLabelsForAnUnknownWord() {
    assertEquals(
        refused("mars"),
        "there is no board mars: boards are one, torn, two; labels are arm64, left, right");
  }

  @Test
  public void refusesABrokenFileOnlyIfItIsChosen() throws Exception {
    assertTrue(refused("torn").startsWith(folder.resolve("torn.yaml") + ":"), refused("torn"));
    Boards.Entry torn = Boards.in(folder).entries().get(1);
    assertEquals(torn.name(), "torn");
    assertTrue(torn.definition().isEmpty());
    assertTrue(torn.problem().contains("this is not YAML"), torn.problem());
    Files.move(write("three", "[]"), folder.resolve("four.yaml"));
    assertTrue(
        refused("four").endsWith("it describes board three, so it must be called three.yaml"));
  }
}
