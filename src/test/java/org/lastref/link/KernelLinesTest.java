package org.lastref.link;

import static org.testng.Assert.assertEquals;

import java.util.regex.Pattern;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class KernelLinesTest {

  private static final String LINE =
      "[    1.868473] usb 1-1.1: new full-speed USB device number 3 using dwc2\r\n";

  @DataProvider
  static Object[][] streams() {
    return new Object[][] {
      {LINE + "lastref: ready\r\n", true},
      {"lastref: " + LINE + "ready\r\n", true},
      {"l" + LINE + LINE + "astref: read" + LINE + "y\r\n", true},
      {"lastref: \r\nready\r\n", false},
      {"lastref: " + LINE + LINE.substring(0, 40) + "ready\r\n", false},
    };
  }

  @Test(dataProvider = "streams")
  public void aTextIsFoundAroundWhatTheKernelSaysMeanwhile(String stream, boolean found) {
    Pattern text = Pattern.compile(KernelLines.around("lastref: ready"));
    assertEquals(text.matcher(stream).find(), found);
  }
}
