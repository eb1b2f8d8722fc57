package org.lastref.cli;

import static org.testng.Assert.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

public class ScreenTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private Screen screen = ofTwentyColumns();

  private Screen ofTwentyColumns() {
    return new Screen(new PrintStream(bytes, true, StandardCharsets.UTF_8), 20);
  }

  @BeforeMethod
  public void anew() {
    bytes.reset();
    screen = ofTwentyColumns();
  }

  private String said() {
    String said = bytes.toString(StandardCharsets.UTF_8).replace("\u001b[", "^");
    bytes.reset();
    return said;
  }

  @Test
  public void howFarABuildIsStandsInALineThatIsGoneAtItsEnd() {
    int board = screen.add();
    screen.show(board, "1 of 2");
    Consumer<String> building = Progress.building(screen);
    said();
    building.accept("kernel: patched");
    assertEquals(said(), "\r^Jkernel: patched\n1 of 2");
    building.accept("5 of about 9");
    assertEquals(said(), "\r^J1 of 2\n5 of about 9");
    building.accept("");
    assertEquals(said(), "\r^1A^J1 of 2");
  }

  @Test
  public void linesAreWrittenAgainInTheirPlaceAndWhatStaysStandsAbove() {
    int first = screen.add();
    int second = screen.add();
    screen.show(first, "one");
    assertEquals(said(), "\r^Jone");
    screen.show(second, "two");
    assertEquals(said(), "\r^Jone\ntwo");
    screen.say("this stays");
    assertEquals(said(), "\r^1A^Jthis stays\none\ntwo");
    screen.show(first, "a line that is too long for it");
    assertEquals(said(), "\r^1A^Ja line that is too \ntwo");
    screen.end();
    assertEquals(said(), "\n");
  }
}
