package org.lastref.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.lastref.fault.LabFault;
import org.lastref.image.HostTools;

/**
 * A step of {@code git bisect run} in a tree: how often a case is done until it is sure, what that
 * is worth, and what the first bad commit is once no other is left.
 *
 * @param tree the source tree
 */
record Bisection(Path tree) {

  /**
   * A race that shows in one cycle of thirty or more is missed by so many with a chance of 3 % at
   * most.
   */
  static final int CYCLES = 100;

  /** What none of many cycles showed comes in less than this over their number, 95 times of 100. */
  private static final double RULE_OF_THREE = 3;

  private static final int BAD = 1;
  private static final String OBJECT = "[0-9a-f]{40,64}";

  /**
   * What to tell of a step.
   *
   * @param code its exit code: 0 good, 1 bad
   * @param cycles that it did of each case
   * @param summary for a mail, kept until the bisection ends
   * @param kept where such are kept
   */
  String told(int code, int cycles, String summary, Path kept) {
    String commit = git("rev-parse", "HEAD");
    StringBuilder told = new StringBuilder();
    if (code == 0) {
      told.append(
          "good: none of %d cycles broke the promise; what breaks it in %.1f %% of cycles or more would have shown, 95 times of 100\n"
              .formatted(cycles, 100 * RULE_OF_THREE / cycles));
    } else if (code == BAD) {
      told.append("bad: a cycle broke the promise, which no good kernel does\n");
    }
    if (commit.matches(OBJECT) && code <= BAD) {
      if (code == BAD) {
        keep(kept.resolve(commit + ".txt"), summary);
      }
      found(code, commit, kept).ifPresent(told::append);
    }
    return told.toString();
  }

  /** The first bad commit, if this verdict leaves no other. */
  private Optional<String> found(int code, String commit, Path kept) {
    String bad = code == BAD ? commit : git("rev-parse", "--verify", "--quiet", "refs/bisect/bad");
    String left =
        code == BAD
            ? git("rev-list", "--count", bad, "--not", "--glob=refs/bisect/good-*")
            : git("rev-list", "--count", bad, "--not", "--glob=refs/bisect/good-*", commit);
    if (!bad.matches(OBJECT) || !left.equals("1") || git("bisect", "log").isEmpty()) {
      return Optional.empty();
    }
    Path summary = kept.resolve(bad + ".txt");
    return Optional.of(
        "\nThe first bad commit is %s %s\n%s"
            .formatted(
                bad.substring(0, 12),
                git("log", "-1", "--format=%s", bad),
                Files.exists(summary)
                    ? "\n" + read(summary)
                    : "It was not run here: check it out and run the case for a summary.\n"));
  }

  private String git(String... words) {
    return HostTools.git(tree, words);
  }

  private static void keep(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new LabFault("cannot write %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new LabFault("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }
}
