package org.lastref.verify;

import java.util.Optional;
import org.lastref.trace.Event;
import org.lastref.trace.Trace;
import org.lastref.verify.Application.Placed;
import org.lastref.verify.Application.State;

/**
 * No device of the overlays waits for another one when their removal begins, but where the model
 * has it so or the user expects it; and none has a driver that is expected to have none.
 */
record Probed(OverlayRemoval removal) implements Check {

  @Override
  public void of(Examination examination) {
    Optional<Application> seen = Application.of(examination.trace(), removal);
    if (seen.isEmpty()) {
      return;
    }
    for (Placed each : seen.get().placed()) {
      if (each.state() == State.DEFERRED && !each.expected() && !isModelled(each.path())) {
        examination.found(
            new Finding(
                Finding.Type.APPLY,
                told(examination.trace(), "deferred", each.device()),
                each.path(),
                "did not probe: " + seen.get().why(each),
                "a driver is bound to it"));
      } else if (each.state() == State.BOUND && each.expected()) {
        examination.found(
            new Finding(
                Finding.Type.APPLY,
                told(examination.trace(), "bound", each.device()),
                each.path(),
                "got a driver, and was expected to get none",
                "no driver is bound to it"));
      }
    }
  }

  /** The model knows its driver, and that it does not come. */
  private boolean isModelled(String path) {
    return removal.expected().values().stream()
        .filter(
            each ->
                each.wanting().stream()
                    .anyMatch(wanting -> wanting.path().equals(path) && wanting.modelled()))
        .flatMap(each -> each.deviceOf(path).stream())
        .anyMatch(device -> !device.bound());
  }

  /** The event that says so of a device. */
  private static int told(Trace trace, String event, String device) {
    return trace.events().stream()
        .filter(
            each ->
                each instanceof Event.Called called
                    && called.event().equals(event)
                    && called.argument("name").equals(device))
        .mapToInt(each -> each.at().index())
        .findFirst()
        .orElse(trace.events().size());
  }
}
