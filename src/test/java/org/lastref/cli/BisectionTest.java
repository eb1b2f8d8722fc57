package org.lastref.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** A step of a bisection in a tree of three commits, of which git asks for the second. */
public class BisectionTest {

  private static final int GOOD = 0;
  private static final int BAD = 1;
  private static final int NO_VERDICT = 3;

  private Path folder = Path.of("");
  private Path kept = Path.of("");

  @BeforeMethod
  void makeTree() throws Exception {
    folder = Files.createTempDirectory("lastref-bisection");
    kept = folder.resolve("kept");
    git("init", "-q");
    for (String subject : List.of("one", "two", "three")) {
      git(
          "-c",
          "user.name=a",
          "-c",
          "user.email=a@b",
          "commit",
          "-q",
          "--allow-empty",
          "-m",
          subject);
    }
    git("bisect", "start", "HEAD", "HEAD~2");
  }

  @AfterMethod(alwaysRun = true)
  void removeTree() throws Exception {
    Child.delete(folder);
  }

  private String git(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("git", "-C", "" + folder));
    command.addAll(List.of(words));
    Process git = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(git.waitFor(), 0, said);
    return said.strip();
  }

  private String told(int code) {
    return new Bisection(folder).told(code, 100, "its summary\n", kept);
  }

  @Test
  public void tellsTheFirstBadCommitWithItsSummary() throws Exception {
    String told = told(BAD);
    assertTrue(told.startsWith("bad: "), told);
    String commit = git("rev-parse", "HEAD").substring(0, 12);
    assertTrue(told.endsWith("The first bad commit is " + commit + " two\n\nits summary\n"), told);
  }

  @Test
  public void tellsOfACommitThatWasFoundBadBefore() throws Exception {
    Files.createDirectories(kept);
    String bad = git("rev-parse", "refs/bisect/bad");
    Files.writeString(kept.resolve(bad + ".txt"), "kept before\n");
    String told = told(GOOD);
    assertTrue(told.contains(" three\n\nkept before\n"), told);
  }

  @Test
  public void saysThatItNeverRanACommitThatTheUserCalledBad() {
    String told = told(GOOD);
    assertTrue(told.contains(" three\nIt was not run here"), told);
  }

  @Test
  public void saysHowRareARaceWouldHaveToBeThatWasMissed() {
    assertTrue(
        told(GOOD)
            .startsWith("good: none of 100 cycles broke the promise; what breaks it in 3.0 % "));
  }

  @Test
  public void findsNothingWithoutAVerdict() {
    assertEquals(told(NO_VERDICT), "");
    assertFalse(Files.exists(kept));
  }
}
