package org.lastref.suite;

import java.util.List;
import java.util.SortedMap;
import org.lastref.target.Probe;
import org.lastref.trace.TraceHeader;
import org.lastref.verify.Exercise;

/**
 * An exercise on a board. It passes if what was seen conforms to the model of its variant: one that
 * is known to break a promise passes by breaking it as modelled.
 *
 * @param kernel the kernel it needs
 */
record ExerciseTrial(Exercise exercise, String kernel, Kit kit) implements Trial {

  /**
   * What an exercise takes along to the board.
   *
   * @param modules the modules that its steps load
   * @param overlays the overlays that they apply
   * @param probes the events that it is read from, beside those of references
   * @param devices the names of the devices whose references are watched
   */
  record Kit(List<String> modules, List<Shape> overlays, List<Probe> probes, List<String> devices) {
    Kit {
      modules = List.copyOf(modules);
      overlays = List.copyOf(overlays);
      probes = List.copyOf(probes);
      devices = List.copyOf(devices);
    }
  }

  @Override
  public String suite() {
    return exercise.suite();
  }

  @Override
  public String id() {
    return exercise.id();
  }

  @Override
  public String title() {
    return CaseName.of(header()).title();
  }

  @Override
  public SortedMap<String, String> properties() {
    return CaseName.of(header()).properties();
  }

  private TraceHeader.Exercise header() {
    return new TraceHeader.Exercise(
        exercise.suite(), exercise.scenario(), exercise.variant(), kernel);
  }

  @Override
  public String options() {
    return "--case " + exercise.id();
  }

  @Override
  public Tale tried(Attempt attempt) {
    return attempt.judged(
        Subject.of(exercise),
        () -> attempt.board().run(exercise, kit),
        cycle ->
            Recording.header(
                attempt.info(),
                attempt.board().layers(kit.overlays()),
                attempt.board().baseBlob(),
                exercise,
                header(),
                cycle));
  }

  @Override
  public String toString() {
    return id();
  }
}
