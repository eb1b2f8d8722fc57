package org.lastref.verify;

import java.util.List;
import org.lastref.trace.Trace;

/** Tells which events of a trace are steps of an exercise's machine, and whose. */
@FunctionalInterface
public interface Reading {

  /** The steps that show, in the order of the trace; a line of the log may be one. */
  List<Observed> of(Trace trace);
}
