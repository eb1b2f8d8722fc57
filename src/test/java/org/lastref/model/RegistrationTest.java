package org.lastref.model;

import static org.testng.Assert.assertEquals;

import java.util.Set;
import org.lastref.model.Registration.Pattern;
import org.testng.annotations.Test;

/** What becomes of a device that is registered asynchronously. */
public class RegistrationTest {

  @Test
  public void aBarePointerIsUsedAfterItsDeviceWasFreed() {
    for (boolean kasan : new boolean[] {false, true}) {
      assertEquals(
          AsyncProbeTest.ends(Registration.of(Pattern.BARE, true, kasan)),
          Set.of(Registration.USED_LATE));
    }
  }

  @Test
  public void aBarePointerGoesUnnoticedWhereTheRegistrationSucceeds() {
    assertEquals(AsyncProbeTest.ends(Registration.of(Pattern.BARE, false, true)), Set.of("clean"));
  }

  @Test
  public void aReferenceIsEnoughWhetherOrNotTheRegistrationSucceeds() {
    for (boolean fails : new boolean[] {false, true}) {
      assertEquals(
          AsyncProbeTest.ends(Registration.of(Pattern.REFERENCE, fails, true)), Set.of("clean"));
    }
  }
}
