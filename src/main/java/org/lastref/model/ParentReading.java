package org.lastref.model;

import java.util.Optional;
import org.lastref.machine.Doer;
import org.lastref.trace.Event;
import org.lastref.trace.Event.Called;
import org.lastref.trace.Event.Reference;

/** Reads {@link ParentRegistration} from a trace. */
final class ParentReading extends Pass {

  private static final Table TABLE = ParentRegistration.ACTS.table();

  /** That of the uevent that was heard last. */
  private long seqnum = -1;

  ParentReading() {
    super(TABLE);
  }

  @Override
  boolean isOfInterest(Event event) {
    return !(event instanceof Reference reference)
        || reference.name().equals(ParentRegistration.PARENT);
  }

  @Override
  Doer doer(Event event) {
    boolean heard = event instanceof Called called && called.event().equals("heard");
    return heard ? ParentRegistration.USER : ParentRegistration.CALLER;
  }

  @Override
  Optional<String> object(KernelAct act, String about, Event event) {
    if (isAtBeginning()
        && act != ParentRegistration.REGISTER_PARENT
        && act != ParentRegistration.HEAR_UEVENT) {
      return Optional.empty(); // what makes the device comes before
    }
    if (!(event instanceof Called called)) {
      return Optional.of(about);
    }
    if (act == ParentRegistration.HEAR_UEVENT) {
      return heard(called).filter(each -> !isAtBeginning());
    }
    if (act == ParentRegistration.SEND_UEVENT) {
      String state = called.argument("state").replace("MDEV_STATE=", "");
      return Optional.of(ParentRegistration.sent(state, about).object());
    }
    boolean failed = act == ParentRegistration.CREATE_TYPES && !called.argument("ret").equals("0");
    return Optional.of(failed ? ParentRegistration.FAILED : ParentRegistration.PARENT);
  }

  private Optional<String> heard(Called called) {
    long next = Long.parseLong(called.argument("seqnum"));
    boolean inOrder = next > seqnum;
    seqnum = next;
    String heard =
        ParentRegistration.heard(
                called.argument("state"), Integer.parseInt(called.argument("types")))
            .object();
    return Optional.of(inOrder ? heard : heard + ", after a later one");
  }
}
