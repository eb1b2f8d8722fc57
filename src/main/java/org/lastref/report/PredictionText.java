package org.lastref.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.Stream;
import org.lastref.report.Prediction.End;
import org.lastref.report.Prediction.LinkOf;

/** A {@link Prediction} for a terminal. */
public final class PredictionText {

  private static final int COLUMNS = 160;
  private static final int MAX_WAYS = 8;
  private static final int MAX_PHASE = 80;

  private final StringBuilder out = new StringBuilder();

  private PredictionText() {}

  /** Everything of each; an overlay's objects once, ahead of the first prediction of it. */
  public static String of(List<Prediction> predictions) {
    var text = new PredictionText();
    var overlay = "";
    for (var prediction : predictions) {
      if (!prediction.configuration().overlay().equals(overlay)) {
        overlay = prediction.configuration().overlay();
        text.objects(prediction);
      }
      text.line("== %s".formatted(prediction.configuration()));
      text.outcomes(prediction);
      text.ways(prediction);
      text.phases(prediction);
    }
    return text.out.toString();
  }

  private void objects(Prediction of) {
    line("%s: what the overlay puts into the kernel".formatted(of.configuration().overlay()));
    for (var node : of.nodes()) {
      line(
          "  node %s, %s, %s"
              .formatted(
                  node.path(),
                  node.added() ? "added" : "changed",
                  counted(node.holds().size(), "reference")));
      var holds = node.holds();
      for (int i = 0; i < holds.size(); ) {
        var hold = holds.get(i);
        int from = i;
        while (i < holds.size() && holds.get(i).equals(hold)) {
          i++;
        }
        line(
            "    %-34s  %s .. %s"
                .formatted(
                    Lanes.times(i - from, hold.holder()),
                    hold.getBy(),
                    String.join(" or ", hold.putBy())));
      }
    }
    for (var device : of.devices()) {
      line(
          "  device %s of %s%s"
              .formatted(device.name(), device.path(), device.bound() ? "" : ", no driver binds"));
    }
    links("link", of.links());
    links("link dropped on the way", of.dropped());
    out.append('\n');
  }

  private void links(String what, List<LinkOf> links) {
    links.forEach(link -> line("  %s %s".formatted(what, link)));
  }

  private void outcomes(Prediction of) {
    line("%s".formatted(summary(of)));
    for (var end : of.outcomes()) {
      line("  %-11s  %s".formatted(end.grade(), end.words()));
    }
    out.append('\n');
  }

  /** How many outcomes, and of what a search. */
  private static String summary(Prediction of) {
    var search = of.search();
    var found =
        "%s: %s, %s, depth %d, %s"
            .formatted(
                counted(of.outcomes().size(), "possible outcome"),
                counted(search.states(), "state"),
                counted(search.transitions(), "transition"),
                search.depth(),
                search.repeated()
                    ? "the same machine as before"
                    : PredictionMatrix.time(search.took()));
    return search.complete()
        ? found
        : "NOT FINISHED, given up at the memory bound; by then " + found;
  }

  private void ways(Prediction of) {
    var shown = new LinkedHashSet<End>();
    of.outcomes().stream().limit(MAX_WAYS - 1).forEach(shown::add);
    if (!of.outcomes().isEmpty()) {
      // The worst.
      shown.add(of.outcomes().get(of.outcomes().size() - 1));
    }
    for (var end : shown) {
      line("%s: %s".formatted(end.grade(), end.words()));
      line("  %s".formatted(end.because()));
      Lanes.render(out, end.way(), agents(of), end.decisive(), COLUMNS);
      out.append('\n');
    }
    int left = of.outcomes().size() - shown.size();
    if (left > 0) {
      line("and %s, whose ways --json prints".formatted(counted(left, "more outcome")));
      out.append('\n');
    }
  }

  /** Those that act first come first. */
  private static List<String> agents(Prediction of) {
    var agents = new LinkedHashSet<String>();
    of.outcomes().forEach(end -> end.way().forEach(move -> agents.add(move.agent())));
    return new ArrayList<>(agents);
  }

  private void phases(Prediction of) {
    if (of.phases().isEmpty()) {
      return;
    }
    var paths = new ArrayList<>(of.phases().get(0).counts().keySet());
    line(
        "reference counts, by how far the remover is"
            + (of.search().complete() ? "" : ", as far as the search came"));
    var table = new TextTable(Integer.MAX_VALUE);
    table.add(TextTable.GAP, cells("after", paths));
    for (var phase : of.phases()) {
      table.add(
          TextTable.GAP,
          cells(name(phase.after()), paths.stream().map(p -> "" + phase.counts().get(p)).toList()));
    }
    out.append(table);
    out.append('\n');
  }

  private static List<String> cells(String first, List<String> others) {
    return Stream.concat(Stream.of(first), others.stream()).toList();
  }

  private static String name(String after) {
    return after.isEmpty() ? "the beginning" : Text.line(after.replace("platform:", ""), MAX_PHASE);
  }

  static String counted(long count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }

  private void line(String text) {
    TextTable.line(out, Text.line(text));
  }
}
