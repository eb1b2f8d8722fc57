package org.lastref.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A kernel of the user's own, as its author would recognize it.
 *
 * @param tree null for Debian's
 * @param patches what was applied to it, in order
 */
public record Tested(@Nullable Tree tree, List<Patch> patches) {

  /**
   * A source tree.
   *
   * @param path where it is
   * @param commit what is checked out there, abbreviated, with {@code -dirty} if changed; empty if
   *     that is not known
   * @param subject the commit's
   */
  public record Tree(String path, String commit, String subject) {}

  /**
   * A patch.
   *
   * @param name its file's
   * @param subject what it says of itself, or empty
   * @param sha256 of its bytes
   */
  public record Patch(String name, String subject, String sha256) {}

  public Tested {
    patches = List.copyOf(patches);
  }
}
