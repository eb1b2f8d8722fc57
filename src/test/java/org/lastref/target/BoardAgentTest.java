package org.lastref.target;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.testng.annotations.Test;

/** The agent's own tests, on this machine: {@code harness/agent/test.c}. */
public class BoardAgentTest {
  @Test
  public void passesItsOwnTests() throws Exception {
    Process test =
        new ProcessBuilder("harness/agent/build", "--test").redirectErrorStream(true).start();
    try {
      test.getOutputStream().close();
      String said = new String(test.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(test.waitFor(2, TimeUnit.MINUTES), said);
      assertEquals(test.exitValue(), 0, said);
      List<String> passed = said.lines().filter(line -> line.startsWith("ok ")).toList();
      assertTrue(passed.contains("ok lines") && passed.contains("ok records"), said);
    } finally {
      test.destroyForcibly();
    }
  }
}
