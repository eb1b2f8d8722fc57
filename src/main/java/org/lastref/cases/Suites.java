package org.lastref.cases;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.lastref.model.Kernel;
import org.lastref.offline.Catalogue;

/**
 * Every suite there is. Whatever runs, replays, explains or completes one finds it here: a new
 * suite is a file and a row.
 */
public final class Suites {

  /** In the order in which they are run. */
  public static final List<Suite> ALL =
      List.of(
          new DevlinkSuite(),
          new DevresSuite(),
          new AsyncSuite(),
          new MdevSuite(),
          new DebugReleaseSuite(),
          new LockdepSuite(),
          new FieldSuite(),
          new UnittestSuite());

  private static final Map<Set<String>, List<Catalogue.Entry>> EXERCISES =
      new ConcurrentHashMap<>();

  /** Every exercise of all suites; worked out once for kernels that have the same symbols. */
  public static final Catalogue CATALOGUE =
      kernel -> EXERCISES.computeIfAbsent(kernel.symbols(), symbols -> exercises(kernel));

  private Suites() {}

  private static List<Catalogue.Entry> exercises(Kernel kernel) {
    return ALL.stream().flatMap(suite -> suite.exercises(kernel).stream()).toList();
  }

  /** The names of all, as {@code --suite} takes them. */
  public static List<String> names() {
    return ALL.stream().map(Suite::name).toList();
  }
}
