package com.example;

import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import org.lastref.lab.Lab;
import org.lastref.lab.Removal;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

public class MyOverlayTest {

  private Lab lab;

  @BeforeClass
  public void boot() {
    lab = Lab.open();
  }

  @Test
  public void givesEverythingBack() {
    Removal removal = lab.remove(Path.of("overlays/pair.dtso"));
    assertTrue(removal.isClean(), removal.toString());
  }

  @AfterClass(alwaysRun = true)
  public void switchOff() {
    lab.close();
  }
}
