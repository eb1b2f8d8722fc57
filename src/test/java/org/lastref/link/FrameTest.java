package org.lastref.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertNull;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import org.jspecify.annotations.NullUnmarked;
import org.lastref.link.Frame.Garbled;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

@NullUnmarked
public class FrameTest {

  private static final String KERNEL = "[   12.345678] OF: ERROR: memory leak, <x>y >z 1 2\r\n";
  private static final String OUTPUT = "a line\n\nümläut \u0007 and no newline";

  @Test
  public void takesTheReplyApart() throws Garbled {
    assertEquals(checked(framed(OUTPUT, 3)), new Shell.Reply(3, OUTPUT));
    assertEquals(checked(framed("", 0)), new Shell.Reply(0, ""));
    assertEquals(checked("\n<id.1<>id.1 0 empty - 0>\n"), new Shell.Reply(0, ""));
    assertEquals(
        checked("\n<id.1<x\n>id.1 0 %s  - 0>\n".formatted(Md5.of("x\n"))),
        new Shell.Reply(0, "x\n"));
    assertEquals(
        Frame.plain("id.1").add("\n<id.1<x\n>id.1 0 ->\n".getBytes(UTF_8)),
        new Shell.Reply(0, "x\n"));
  }

  @Test
  public void waitsForTheLastByte() throws Garbled {
    byte[] all = framed(OUTPUT, 0).getBytes(UTF_8);
    Frame frame = Frame.checked("id.1");
    for (int i = 0; i < all.length - 1; i++) {
      assertNull(frame.add(new byte[] {all[i]}), "after byte " + i);
    }
    assertEquals(frame.add(new byte[] {all[all.length - 1]}), new Shell.Reply(0, OUTPUT));
  }

  @Test
  public void findsItAmongWhatElseIsOnTheLine() throws Garbled {
    String other = "# \r\n" + KERNEL + "\n<id.0<stale>id.0 0 ->\n\u001b[6n _lr id.1 2 2 'x'\r\n";
    assertEquals(checked(other + framed(OUTPUT, 0) + "# "), new Shell.Reply(0, OUTPUT));
  }

  @Test
  public void takesAKernelLineOutWhereverItLands() throws Garbled {
    String whole = framed(OUTPUT, 0);
    for (int i = 0; i < whole.length(); i++) {
      String hit = whole.substring(0, i) + KERNEL + KERNEL + whole.substring(i);
      assertEquals(checked(hit), new Shell.Reply(0, OUTPUT), "at " + i);
    }
  }

  @Test
  public void keepsKernelLinesThatAreTheOutput() throws Garbled {
    String dmesg = "[    0.000000] Booting Linux\n[    1.500000][  T12] Freeing memory\n";
    assertEquals(checked(framed(dmesg, 0)).output(), dmesg);
    String withReturns = dmesg.replace("\n", "\r\n");
    assertEquals(checked(framed(withReturns, 0)).output(), withReturns);
    String whole = framed(dmesg, 0);
    int middle = whole.indexOf("Linux");
    assertEquals(
        checked(whole.substring(0, middle) + KERNEL + whole.substring(middle)).output(), dmesg);
  }

  @DataProvider
  public Object[][] damages() {
    String whole = framed(OUTPUT, 0);
    return new Object[][] {
      {"a changed byte", whole.replace("a line", "a lime"), "sum differs"},
      {"a lost byte", whole.replace("a line", "a lin"), "sum differs"},
      {"another program's line", whole.replace("\n\n", "\nlogin: \n"), "sum differs"},
      {"something where nothing was", "\n<id.1<x>id.1 0 empty - 0>\n", "sum differs"},
      {"no beginning", whole.replace("<id.1<", "<id.1"), "beginning"},
      {"a damaged end", whole.replace(" - 0>", " - 0"), "end could not be read"},
      {"a changed exit code", whole.replace(">id.1 0", ">id.1 1"), "end could not be read"},
      {"no sum", "\n<id.1<x>id.1 0  0>\n", "no sha256sum"},
      {"a damaged command", "\n<id.1<>id.1 lost empty - lost>\n", "it did not run"},
      {"too much", framed("x".repeat(Frame.MAX_OUTPUT + 1), 0), "longer than 8 MiB"},
    };
  }

  @Test(dataProvider = "damages")
  public void refusesADamagedReply(String damage, String stream, String why) {
    Garbled garbled = expectThrows(Garbled.class, () -> checked(stream));
    assertTrue(garbled.getMessage().contains(why), damage + ": " + garbled.getMessage());
  }

  @Test
  public void seesAFloodWithoutAnEnd() throws Garbled {
    Frame frame = Frame.plain("id.1");
    byte[] piece = new byte[1 << 20];
    for (int i = 0; i < 9; i++) {
      assertNull(frame.add(piece));
      assertEquals(frame.tooLong(), false);
    }
    assertNull(frame.add(piece));
    assertTrue(frame.tooLong());
  }

  private static Shell.Reply checked(String stream) throws Garbled {
    Shell.Reply reply = Frame.checked("id.1").add(stream.getBytes(UTF_8));
    if (reply == null) {
      throw new AssertionError("no reply in: " + stream);
    }
    return reply;
  }

  private static String framed(String output, int code) {
    return "\n<id.1<%s>id.1 %d %s - %d>\n"
        .formatted(output, code, Sha256.of(output.getBytes(UTF_8)), code);
  }
}
