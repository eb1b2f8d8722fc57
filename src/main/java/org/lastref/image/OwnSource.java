package org.lastref.image;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a kernel of the user's own is built from, instead of ours with its policies.
 *
 * @param own whether it is the user's: also Debian's as it is, without policies
 * @param tree a source tree of Linux, which is copied and never touched; null for Debian's
 * @param patches what is applied to it, in order
 */
public record OwnSource(boolean own, @Nullable Path tree, List<Path> patches) {

  /** Nothing: the kernel is ours. */
  public static final OwnSource NONE = new OwnSource(false, null, List.of());

  public OwnSource {
    patches = List.copyOf(patches);
  }

  /** As {@code harness/kernel/build} takes it. */
  List<String> words() {
    List<String> words = new ArrayList<>();
    if (own) {
      words.add("--own");
    }
    if (tree != null) {
      words.addAll(List.of("--source", tree.toString()));
    }
    patches.forEach(patch -> words.addAll(List.of("--patch", patch.toString())));
    return words;
  }
}
