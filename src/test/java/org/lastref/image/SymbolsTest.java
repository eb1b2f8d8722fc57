package org.lastref.image;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.lastref.fault.LabFault;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** What a kernel has by its System.map. */
public class SymbolsTest {

  private static final String MAP =
      """
      ffffffc008000000 T _text
      ffffffc00806cfb0 T call_srcu
      ffffffc0081d4ad0 t device_link_release_fn.isra.0
      ffffffc0081d5000 t show
      ffffffc0081d6000 t show
      ffffffc008601580 d device_ktype
      """;

  private Path file = Path.of("");

  @BeforeMethod
  void makeFile() throws IOException {
    file = Files.createTempFile("lastref-symbols", ".map");
  }

  @AfterMethod(alwaysRun = true)
  void removeFile() throws IOException {
    Files.deleteIfExists(file);
  }

  @Test
  public void knowsASymbolByItsWholeName() {
    Symbols symbols = Symbols.of(MAP);
    assertTrue(symbols.has("_text"));
    assertTrue(symbols.has("device_ktype"));
    assertTrue(symbols.has("show"));
    assertFalse(symbols.has("ktype"));
    assertFalse(symbols.has("device_link"));
    assertFalse(symbols.has("call"));
    assertFalse(symbols.has(""));
    assertEquals(symbols.address("device_ktype"), Optional.of("0xffffffc008601580"));
    assertEquals(symbols.address("_text"), Optional.of("0xffffffc008000000"));
    assertEquals(symbols.address("none"), Optional.empty());
  }

  @Test
  public void knowsASymbolThatTheCompilerRenamed() {
    assertTrue(Symbols.of(MAP).has("device_link_release_fn"));
  }

  /** Which of them was meant nobody knows. */
  @Test
  public void hasNoAddressForANameThatSeveralHave() {
    LabFault fault = expectThrows(LabFault.class, () -> Symbols.of(MAP).address("show"));
    assertEquals(fault.getMessage(), "System.map has 2 symbols show");
  }

  @Test
  public void readsTheMapWhenItIsFirstAsked() throws IOException {
    Symbols symbols = Symbols.in(file);
    Files.writeString(file, MAP);
    assertTrue(symbols.has("call_srcu"));
    Files.delete(file);
    assertFalse(symbols.has("kobject_get"));
  }

  @Test
  public void saysThatAMapIsDamaged() throws IOException {
    refused("empty");
    Files.writeString(file, "\n d device_ktype\n");
    refused("this is no line of such a map:  d device_ktype");
    Files.delete(file);
    refused(file.toString());
  }

  private void refused(String how) {
    LabFault fault = expectThrows(LabFault.class, () -> Symbols.in(file).address("device_ktype"));
    assertEquals(
        fault.getMessage(),
        "%s is damaged (%s): delete the kernel's folder and start again".formatted(file, how));
  }
}
