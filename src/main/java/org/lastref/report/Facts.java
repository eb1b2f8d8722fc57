package org.lastref.report;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.OptBoolean;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.lastref.verify.Application;
import org.lastref.verify.Finding;
import org.lastref.verify.Holding;
import org.lastref.verify.KeptModule;

/**
 * What was found out of a case, before it is put into words.
 *
 * @param coverage how much was seen of what its model allows; null without a model
 * @param likeness what a kernel of the user's own is like; null if that is not told, and of any
 *     other
 * @param holdings whose the references are that were out, in the first cycle that shows any
 * @param breaches how such a kernel breaks its promise, a sentence each
 * @param kept the modules that the kernel refused to unload, in the last cycle
 * @param application what came of the nodes for which drivers were wanted, as far as it is told
 * @param first the first thing that is not as it should be, in the last cycle that was judged; null
 *     if all is
 * @param drivers what the kernel's sources say of drivers that did not come, as far as that was
 *     asked
 */
public record Facts(
    CaseWord word,
    Cycles cycles,
    @Nullable CaseCoverage coverage,
    @Nullable Likeness likeness,
    @JacksonInject(value = NO_HOLDINGS, useInput = OptBoolean.TRUE) List<Holding> holdings,
    List<String> breaches,
    @JacksonInject(value = NO_KEPT, useInput = OptBoolean.TRUE) List<KeptModule> kept,
    @JacksonInject(value = NO_APPLICATION, useInput = OptBoolean.TRUE) Application application,
    @JacksonInject(value = NO_DRIVERS, useInput = OptBoolean.TRUE) List<DriversFor> drivers,
    @JacksonInject(value = NO_FIRST, useInput = OptBoolean.TRUE) @Nullable Finding first) {
  /** Of an older Lastref, which knew none. */
  static final String NO_HOLDINGS = "no holdings";

  /** The same. */
  static final String NO_KEPT = "no modules kept";

  /** The same. */
  static final String NO_APPLICATION = "no application";

  /** The same. */
  static final String NO_DRIVERS = "no drivers";

  /** The same. */
  static final String NO_FIRST = "no first finding";

  public Facts {
    drivers = List.copyOf(drivers);
    holdings = List.copyOf(holdings);
    breaches = List.copyOf(breaches);
    kept = List.copyOf(kept);
  }

  /** Those of which neither the application nor a module is told. */
  public Facts(
      CaseWord word,
      Cycles cycles,
      @Nullable CaseCoverage coverage,
      @Nullable Likeness likeness,
      List<Holding> holdings,
      List<String> breaches) {
    this(
        word,
        cycles,
        coverage,
        likeness,
        holdings,
        breaches,
        List.of(),
        Application.UNTOLD,
        List.of(),
        null);
  }

  /** The same of a case of which this was seen. */
  Facts with(Cycles seen) {
    return new Facts(
        word, seen, coverage, likeness, holdings, breaches, kept, application, drivers, first);
  }

  /** The same with another verdict. */
  Facts with(CaseWord.Kind other) {
    return with(new CaseWord(other));
  }

  Facts with(CaseWord other) {
    return new Facts(
        other, cycles, coverage, likeness, holdings, breaches, kept, application, drivers, first);
  }

  /** The same with modules that are kept. */
  Facts withKept(List<KeptModule> modules) {
    return new Facts(
        word, cycles, coverage, likeness, holdings, breaches, modules, application, drivers, first);
  }

  /** The same with what came of the application. */
  Facts with(Application seen) {
    return new Facts(
        word, cycles, coverage, likeness, holdings, breaches, kept, seen, drivers, first);
  }

  /** The same with drivers that did not come. */
  Facts with(List<DriversFor> told) {
    return new Facts(
        word, cycles, coverage, likeness, holdings, breaches, kept, application, told, first);
  }

  /** The same with the first thing that is not as it should be, if any is. */
  Facts withFirst(List<Finding> findings) {
    Finding found = findings.isEmpty() ? null : findings.get(0);
    return new Facts(
        word, cycles, coverage, likeness, holdings, breaches, kept, application, drivers, found);
  }

  Facts bounded() {
    List<String> cut = breaches.stream().map(each -> Excerpt.of(each, Excerpt.HEADLINE)).toList();
    return new Facts(
        word, cycles, coverage, likeness, holdings, cut, kept, application, drivers, first);
  }

  private static void put(SortedMap<String, String> properties, String name, String value) {
    if (!value.isEmpty()) {
      properties.put(name, value);
    }
  }

  /** As properties of the case. */
  public SortedMap<String, String> properties() {
    SortedMap<String, String> properties = new TreeMap<>();
    if (coverage != null) {
      properties.putAll(coverage.properties());
    }
    if (likeness != null) {
      properties.put("like", likeness.words());
      if (likeness.nearest() != null) {
        properties.put("nearest", likeness.nearest().policy().toString());
      }
    }
    properties.put("verdict", word.toString());
    properties.put("cycles", "" + cycles.count());
    properties.put("leaked", String.join(" ", cycles.leaked()));
    if (!cycles.broken().isEmpty()) {
      properties.put("broken", String.join("; ", cycles.broken()));
    }
    if (!holdings.isEmpty()) {
      properties.put(
          "holders", holdings.stream().map(HolderText::sentence).collect(Collectors.joining("; ")));
    }
    if (!kept.isEmpty()) {
      properties.put(
          "kept_modules", kept.stream().map(KeptText::sentence).collect(Collectors.joining("; ")));
    }
    if (!application.placed().isEmpty()) {
      properties.put("bound", application.bound() + "/" + application.placed().size());
      put(properties, "unbound", ApplicationText.without(application));
      put(properties, "unbound_as_expected", ApplicationText.expected(application));
      put(properties, "driver_not_modelled", ApplicationText.notModelled(application));
      if (application.references().out() > 0) {
        properties.put(
            "placed_exactly",
            application.references().placed() + "/" + application.references().out());
      }
    }
    if (cycles.unbinding() != null) {
      properties.put("unbinding_us", cycles.unbinding().toString());
    }
    properties.put("events", "" + cycles.events());
    return properties;
  }
}
