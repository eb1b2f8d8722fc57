package org.lastref.verify;

import java.util.Map;
import java.util.Optional;
import org.lastref.model.AppliedOverlay;
import org.lastref.trace.Event;
import org.lastref.trace.Trace;
import org.lastref.verify.Application.Placed;
import org.lastref.verify.Application.State;

/**
 * No device of the overlays waits for another one when their removal begins, but where the model
 * has it so.
 *
 * @param applied what overlays put into the kernel, by name
 */
record Probed(Map<String, AppliedOverlay> applied) implements Check {

  @Override
  public void of(Examination examination) {
    Optional<Application> seen = Application.of(examination.trace(), applied.values());
    if (seen.isEmpty()) {
      return;
    }
    for (Placed each : seen.get().placed()) {
      if (each.state() == State.DEFERRED && !isExpected(each.path())) {
        examination.found(
            new Finding(
                Finding.Type.APPLY,
                listed(examination.trace(), each.device()),
                each.path(),
                "did not probe: " + seen.get().why(each),
                "a driver is bound to it"));
      }
    }
  }

  /** The model knows its driver, and that it does not come. */
  private boolean isExpected(String path) {
    return applied.values().stream()
        .filter(
            each ->
                each.wanting().stream()
                    .anyMatch(wanting -> wanting.path().equals(path) && wanting.modelled()))
        .flatMap(each -> each.deviceOf(path).stream())
        .anyMatch(device -> !device.bound());
  }

  private static int listed(Trace trace, String device) {
    return trace.events().stream()
        .filter(
            event ->
                event instanceof Event.Called called
                    && called.event().equals("deferred")
                    && called.argument("name").equals(device))
        .mapToInt(event -> event.at().index())
        .findFirst()
        .orElse(trace.events().size());
  }
}
