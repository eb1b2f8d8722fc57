package org.lastref.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertSame;
import static org.testng.Assert.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.testng.annotations.Test;

public class ExcerptTest {

  @Test
  public void leavesAShortTextAlone() {
    var lines = List.of("a", "b");
    assertSame(Excerpt.of(lines, 2), lines);
    assertEquals(Excerpt.of("abcd", 2), "abcd");
  }

  @Test
  public void keepsWholeLinesOfHeadAndTail() {
    var lines = IntStream.range(0, 1000).mapToObj(i -> "line " + i).toList();
    var excerpt = Excerpt.of(lines, 100);
    var note =
        excerpt.indexOf(excerpt.stream().filter(l -> l.startsWith("[")).findFirst().orElse(""));
    assertTrue(note > 0, excerpt.toString());
    assertTrue(excerpt.get(note).matches("\\[\\.\\.\\. 8\\d{3} characters left out \\.\\.\\.]"));
    assertEquals(excerpt.subList(0, note), lines.subList(0, note));
    int tail = excerpt.size() - note - 1;
    assertTrue(tail > 0);
    assertEquals(excerpt.subList(note + 1, excerpt.size()), lines.subList(1000 - tail, 1000));
  }

  @Test
  public void cutsOneHugeLineAtBothEndsAndNeverThroughAPair() {
    for (int around = 5; around < 9; around++) {
      var excerpt = Excerpt.of("\ud83d\ude00".repeat(1000), around);
      assertTrue(excerpt.contains(" characters left out ...] "), excerpt);
      assertFalse(Text.printable(excerpt).contains("\\ud"), excerpt);
    }
  }
}
