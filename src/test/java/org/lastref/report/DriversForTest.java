package org.lastref.report;

import static org.testng.Assert.assertEquals;

import java.util.List;
import org.lastref.report.DriversFor.Driver;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What is said of drivers that did not come. */
public class DriversForTest {

  private static final Driver LEFT_OUT = new Driver("drivers/a.c", List.of("CONFIG_A"), false);

  @DataProvider
  static Object[][] sentences() {
    return new Object[][] {
      {List.of(), "no driver in this kernel's sources names it"},
      {List.of(LEFT_OUT), "CONFIG_A would bring a driver, drivers/a.c"},
      {
        List.of(new Driver("drivers/b.c", List.of("CONFIG_B", "CONFIG_C"), true)),
        "CONFIG_B or CONFIG_C is set: a driver is there, drivers/b.c, but did not take it"
      },
      {
        List.of(new Driver("drivers/d.c", List.of(), false)),
        "drivers/d.c names it, and its Makefile no option"
      },
      {
        List.of(LEFT_OUT, LEFT_OUT, LEFT_OUT, LEFT_OUT),
        "CONFIG_A would bring a driver, drivers/a.c; CONFIG_A would bring a driver, drivers/a.c;"
            + " CONFIG_A would bring a driver, drivers/a.c; and others"
      },
    };
  }

  @Test(dataProvider = "sentences")
  public void isOneSentence(List<Driver> drivers, String sentence) {
    assertEquals(
        DriversFor.lines(List.of(new DriversFor("vendor,chip", drivers))),
        "vendor,chip: " + sentence + "\n");
  }
}
