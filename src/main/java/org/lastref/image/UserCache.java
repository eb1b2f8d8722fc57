package org.lastref.image;

import java.nio.file.Path;

/** Where this user keeps what can be made again: the same folder as in harness/lib.sh. */
public final class UserCache {

  private UserCache() {}

  /** The folder, which need not be there. */
  public static Path folder() {
    String own = System.getenv("XDG_CACHE_HOME");
    Path caches =
        own == null || own.isEmpty()
            ? Path.of(System.getProperty("user.home", ""), ".cache")
            : Path.of(own);
    return caches.resolve("lastref");
  }
}
