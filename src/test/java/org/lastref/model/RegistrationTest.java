package org.lastref.model;

import static org.testng.Assert.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.lastref.machine.Machine;
import org.lastref.model.Registration.Pattern;
import org.testng.annotations.Test;

/** What becomes of a device that is registered asynchronously. */
public class RegistrationTest {

  /** Each creator, on each kernel, in success and in vain. */
  static List<Machine> all() {
    List<Machine> machines = new ArrayList<>();
    for (Pattern pattern : Pattern.values()) {
      for (boolean fails : new boolean[] {false, true}) {
        machines.add(Registration.of(pattern, fails, false).machine());
        machines.add(Registration.of(pattern, fails, true).machine());
      }
    }
    return machines;
  }

  @Test
  public void aBarePointerIsUsedAfterItsDeviceWasFreed() {
    for (boolean kasan : new boolean[] {false, true}) {
      assertEquals(
          AsyncProbeTest.ends(Registration.of(Pattern.BARE, true, kasan).machine()),
          Set.of(Registration.USED_LATE));
    }
  }

  @Test
  public void aBarePointerGoesUnnoticedWhereTheRegistrationSucceeds() {
    assertEquals(
        AsyncProbeTest.ends(Registration.of(Pattern.BARE, false, true).machine()), Set.of("clean"));
  }

  @Test
  public void aReferenceIsEnoughWhetherOrNotTheRegistrationSucceeds() {
    for (boolean fails : new boolean[] {false, true}) {
      assertEquals(
          AsyncProbeTest.ends(Registration.of(Pattern.REFERENCE, fails, true).machine()),
          Set.of("clean"));
    }
  }
}
