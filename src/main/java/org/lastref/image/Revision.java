package org.lastref.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Which revision of Lastref this is. */
public final class Revision {

  /** What a release has in place of a repository, see harness/release. */
  private static final String FILE = "REVISION";

  private Revision() {}

  /**
   * Git's name of it, of a checkout with {@code -dirty} if anything was changed; empty if neither
   * git nor a release says it.
   *
   * @param project the project's folder
   */
  public static Optional<String> of(Path project) {
    Path file = project.resolve(FILE);
    try {
      if (Files.isRegularFile(file)) {
        return Optional.of(Files.readString(file).strip()).filter(Revision::isOne);
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    String head = HostTools.git(project, "rev-parse", "--short=12", "HEAD");
    if (!isOne(head)) {
      return Optional.empty();
    }
    return Optional.of(
        HostTools.git(project, "status", "--porcelain").isEmpty() ? head : head + "-dirty");
  }

  private static boolean isOne(String word) {
    return word.matches("[0-9a-f]{12,}");
  }
}
