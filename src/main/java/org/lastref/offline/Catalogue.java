package org.lastref.offline;

import java.util.List;
import java.util.Optional;
import org.lastref.model.Kernel;
import org.lastref.model.Modelled;

/** Every exercise that there is, by name: whoever has the suites tells those who judge traces. */
@FunctionalInterface
public interface Catalogue {

  /**
   * An exercise by its parts.
   *
   * @param suite the suite it belongs to
   * @param scenario what is done, in a word or two with dashes
   * @param variant the kernel's way of doing it, in a word or two with dashes
   */
  record Entry(String suite, String scenario, String variant, Modelled modelled) {

    /** Unique among all exercises: {@code devres/spi-remove/group}. */
    public String id() {
      return suite + "/" + scenario + "/" + variant;
    }
  }

  /** All of them on a kernel, suite by suite. */
  List<Entry> entries(Kernel kernel);

  /** Those of one suite. */
  default List<Entry> of(String suite, Kernel kernel) {
    return entries(kernel).stream().filter(each -> each.suite().equals(suite)).toList();
  }

  /** The one of that name; empty if this Lastref has none. */
  default Optional<Entry> named(String id, Kernel kernel) {
    return entries(kernel).stream().filter(each -> each.id().equals(id)).findFirst();
  }
}
