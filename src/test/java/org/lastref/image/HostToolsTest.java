package org.lastref.image;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.time.Duration;
import java.util.List;
import org.testng.annotations.Test;

/** What is taken of what a program prints. */
public class HostToolsTest {

  private static String said(String script) {
    return HostTools.firstLine(List.of("sh", "-c", script));
  }

  @Test
  public void takesTheFirstLine() {
    assertEquals(said("printf 'one\\ntwo\\n'"), "one");
    assertEquals(said("printf 'ä, without an end'"), "ä, without an end");
    assertEquals(said("echo one; echo two >&2"), "one");
    assertEquals(said("echo two >&2"), "");
    assertEquals(said(":"), "");
  }

  @Test
  public void takesNothingOfAProgramThatFails() {
    assertEquals(said("echo one; exit 1"), "");
    assertEquals(HostTools.firstLine(List.of("/no/such/program")), "");
  }

  /** It is not cut off, which would be a failure of its own. */
  @Test
  public void letsAProgramPrintMoreThanIsTaken() {
    assertEquals(said("echo one && seq 1 200000"), "one");
    assertEquals(said("head -c 100000 /dev/zero | tr '\\0' x").length(), 4096);
  }

  /** One that waits for another, which holds its output open, is not waited for either. */
  @Test
  public void doesNotWaitForAProgramThatHangs() {
    long begin = System.nanoTime();
    List<String> hangs = List.of("sh", "-c", "echo one; sleep 60; :");
    assertEquals(HostTools.firstLine(hangs, Duration.ofMillis(300)), "");
    assertTrue(System.nanoTime() - begin < 20_000_000_000L);
  }

  @Test
  public void givesNothingToRead() {
    assertEquals(said("cat; echo end"), "end");
  }

  @Test
  public void isInterrupted() {
    Thread.currentThread().interrupt();
    assertEquals(said("sleep 60"), "");
    assertTrue(Thread.interrupted());
  }
}
