package org.lastref.verify;

/** One thing that is asked of a trace. Asked alone or with others, in any order. */
@FunctionalInterface
public interface Check {

  /** Each step ended as it should, and nothing else was done. */
  Check STEP_RESULTS = StepResults::check;

  /** Each part of the trace is a way of its machine. */
  Check CONFORMANCE = Conformance::check;

  /** As many references were given back as were taken, whoever did it. */
  Check BALANCE = Balance::check;

  /** The same of what no model has: devices that drivers make, and device links. */
  Check FURTHER_BALANCE = Balance::checkFurther;

  /** Nothing was given back that nobody had taken. */
  Check HOLDERS = Held::check;

  /** Looks at a trace, and tells what it finds. */
  void of(Examination trace);
}
