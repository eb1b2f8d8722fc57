package org.lastref.fault;

import java.util.Arrays;

/** What is Lastref's own fault: said in one line, to be reported, and never as a stack trace. */
public final class Defect {

  private Defect() {}

  /** The fault of the lab that a defect amounts to. */
  public static LabFault of(Throwable e) {
    String where =
        Arrays.stream(e.getStackTrace())
            .filter(frame -> frame.getClassName().startsWith("org.lastref."))
            .findFirst()
            .map(frame -> " at " + frame)
            .orElse("");
    String what = e.toString().replaceAll("\\p{Cntrl}+", " ");
    return new LabFault(
        "a defect in Lastref, please report it with what led to it: %s%s"
            .formatted(what.substring(0, Math.min(500, what.length())), where),
        e);
  }
}
