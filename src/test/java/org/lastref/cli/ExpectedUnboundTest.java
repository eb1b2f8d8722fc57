package org.lastref.cli;

import static org.testng.Assert.assertEquals;

import java.util.List;
import java.util.Set;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What is named between commas, of which names have some too. */
public class ExpectedUnboundTest {

  private static final Set<String> POSSIBLE =
      Set.of("/lr-adc", "lr-adc", "ti,ads1015", "ti", "fixed-clock");

  @DataProvider
  static Object[][] words() {
    return new Object[][] {
      {"ti,ads1015", List.of("ti,ads1015")},
      {"lr-adc,ti,ads1015,fixed-clock", List.of("lr-adc", "ti,ads1015", "fixed-clock")},
      {"ti,/lr-adc", List.of("ti", "/lr-adc")},
    };
  }

  @Test(dataProvider = "words")
  public void isTheLongestThatThereIs(String words, List<String> names) {
    assertEquals(ExpectedUnbound.names(words, POSSIBLE, List.of()), names);
  }
}
