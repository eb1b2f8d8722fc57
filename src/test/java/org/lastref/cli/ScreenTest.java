package org.lastref.cli;

import static org.testng.Assert.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.testng.annotations.Test;

public class ScreenTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Screen screen =
      new Screen(new PrintStream(bytes, true, StandardCharsets.UTF_8), 20);

  private String said() {
    String said = bytes.toString(StandardCharsets.UTF_8).replace("\u001b[", "^");
    bytes.reset();
    return said;
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
