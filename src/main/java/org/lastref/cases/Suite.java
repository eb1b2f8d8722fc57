package org.lastref.cases;

import java.nio.file.Path;
import java.util.List;
import org.lastref.model.Kernel;
import org.lastref.offline.Catalogue;
import org.lastref.runner.TestCase;

/** A discussion of kernel developers made into cases: what docs/suites.md lists. */
public interface Suite {

  /** As {@code --suite} takes it. */
  String name();

  /**
   * Its cases, on each kernel that they need.
   *
   * @param project the project's folder
   */
  List<TestCase> cases(Path project);

  /**
   * The same on a version of Linux, where that has others.
   *
   * @param series such as {@code 6.12}
   */
  default List<TestCase> cases(Path project, String series) {
    return cases(project);
  }

  /** Its exercises, which stored traces are of; none if it has another kind of cases alone. */
  default List<Catalogue.Entry> exercises(Kernel kernel) {
    return List.of();
  }
}
