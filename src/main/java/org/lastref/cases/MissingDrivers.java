package org.lastref.cases;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import org.lastref.fault.Fault;
import org.lastref.image.DriverIndex;
import org.lastref.report.CaseOutcome;
import org.lastref.report.DriversFor;

/** What the kernel's sources have for devices that got no driver. */
final class MissingDrivers {

  private MissingDrivers() {}

  /**
   * What came of a case, with that told. It has its verdict: what keeps this from being told is no
   * fault of the case.
   *
   * @param drivers are asked only if a device lacks one
   */
  static CaseOutcome told(CaseOutcome outcome, DriverIndex drivers) {
    SortedSet<String> lacking = outcome.lacking();
    if (lacking.isEmpty()) {
      return outcome;
    }
    try {
      List<DriversFor> all = new ArrayList<>();
      drivers
          .of(lacking)
          .forEach(
              (compatible, known) ->
                  all.add(
                      new DriversFor(
                          compatible,
                          known.stream()
                              .map(
                                  each ->
                                      new DriversFor.Driver(
                                          each.source(), each.options(), each.built()))
                              .toList())));
      return outcome.of(all);
    } catch (Fault e) {
      return outcome.noting("which option would bring a driver is not known: " + e.getMessage());
    }
  }
}
