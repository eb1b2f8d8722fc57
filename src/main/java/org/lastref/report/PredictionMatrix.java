package org.lastref.report;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import org.lastref.report.Prediction.Configuration;
import org.lastref.report.Prediction.End;

/**
 * Many {@link Prediction}s on a page, as jcstress has it: a row a configuration, a column a class
 * of outcomes, the grades at the head.
 *
 * @param ansi whether to colour
 */
public record PredictionMatrix(boolean ansi) {

  /** So many nodes and more share a column. */
  private static final int MANY = 8;

  private static final String GREEN = "32";
  private static final String YELLOW = "33";
  private static final String RED = "1;31";
  private static final String GREY = "90";

  /** A column of outcomes. */
  private record Kind(String grade, String name, String colour, Predicate<End> has) {

    long count(Prediction of) {
      return of.outcomes().stream().filter(has).count();
    }

    int width() {
      return Math.max(3, name.length());
    }
  }

  /** The page, ending in a newline. */
  public String render(List<Prediction> predictions) {
    var out = new StringBuilder();
    var kinds = kinds(predictions);
    head(out);
    int overlay = widest(predictions, "overlay", Configuration::overlay);
    boolean many =
        predictions.stream().map(each -> each.configuration().situation()).distinct().count() > 1;
    int situation = many ? 2 + widest(predictions, "situation", Configuration::situation) : 0;
    var label =
        TextTable.GAP
            + Text.padded("overlay", overlay)
            + "  release       fix               grace       "
            + Text.padded(many ? "  situation" : "", situation);
    gradeLine(out, label.length(), kinds);
    out.append(label).append(TextTable.GAP);
    kinds.forEach(
        kind ->
            out.append(TextTable.GAP)
                .append(paint(kind.colour(), right(kind.name(), kind.width()))));
    out.append("      states     time\n");
    var last = "";
    for (var each : predictions) {
      var of = each.configuration();
      if (!of.overlay().equals(last) && !last.isEmpty()) {
        out.append('\n');
      }
      last = of.overlay();
      out.append(TextTable.GAP)
          .append(Text.padded(Text.line(of.overlay()), overlay))
          .append(
              String.format(
                  "  %-12s  %-16s  %-12s",
                  of.release(), of.fix(), of.grace() + (of.delayed() ? " delayed" : "")))
          .append(Text.padded(many ? "  " + of.situation() : "", situation))
          .append(TextTable.GAP);
      for (var kind : kinds) {
        long count = kind.count(each);
        out.append(TextTable.GAP)
            .append(paint(count == 0 ? GREY : kind.colour(), right("" + count, kind.width())));
      }
      var search = each.search();
      out.append(right(search.states() + (search.complete() ? "" : "+"), 12))
          .append(right(search.repeated() ? "same" : time(search.took()), 9))
          .append(search.complete() ? "" : "  NOT FINISHED")
          .append('\n');
    }
    out.append('\n').append(totals(predictions)).append('\n');
    return out.toString();
  }

  private void head(StringBuilder out) {
    out.append("How many outcomes the model allows, by class; each set of reported nodes is one.\n")
        .append(paint(GREEN, "  acceptable   "))
        .append("clean: no node is reported, every reference was given back\n")
        .append(paint(YELLOW, "  interesting  "))
        .append("1, 2, ...: so many nodes are reported; this kernel may, and breaks the promise\n")
        .append(paint(RED, "  forbidden    "))
        .append("wrong: what no kernel may do; deadlock: somebody waits for what never comes\n")
        .append("time: of the search; same: the machine is the same as that of a row above\n\n");
  }

  private void gradeLine(StringBuilder out, int label, List<Kind> kinds) {
    out.append(" ".repeat(label)).append(TextTable.GAP);
    for (int i = 0; i < kinds.size(); ) {
      var first = kinds.get(i);
      int wide = 0;
      for (; i < kinds.size() && kinds.get(i).grade().equals(first.grade()); i++) {
        wide += TextTable.GAP.length() + kinds.get(i).width();
      }
      int room = wide - TextTable.GAP.length();
      var grade = first.grade().substring(0, Math.min(room, first.grade().length()));
      out.append(TextTable.GAP).append(paint(first.colour(), right(grade, room)));
    }
    out.append('\n');
  }

  private static List<Kind> kinds(List<Prediction> predictions) {
    int most =
        predictions.stream()
            .flatMap(each -> each.outcomes().stream())
            .filter(end -> end.grade().equals("interesting"))
            .mapToInt(end -> end.reported().size())
            .reduce(1, Math::max);
    var kinds = new ArrayList<Kind>();
    kinds.add(new Kind("acceptable", "     clean", GREEN, end -> end.grade().equals("acceptable")));
    // Room for the grade above.
    var first = right("1", most < 3 ? "interesting".length() : 1);
    for (int i = 1; i <= Math.min(most, MANY); i++) {
      int nodes = i;
      kinds.add(
          new Kind(
              "interesting",
              nodes == 1 ? first : nodes == MANY && most > MANY ? MANY + "+" : "" + nodes,
              YELLOW,
              end ->
                  end.grade().equals("interesting")
                      && Math.min(MANY, end.reported().size()) == nodes));
    }
    kinds.add(new Kind("forbidden", "wrong", RED, end -> !end.wrong().isEmpty()));
    kinds.add(
        new Kind(
            "forbidden", "deadlock", RED, end -> end.wrong().isEmpty() && !end.stuck().isEmpty()));
    return kinds;
  }

  private static String totals(List<Prediction> predictions) {
    long searches = predictions.stream().filter(each -> !each.search().repeated()).count();
    long states =
        predictions.stream()
            .filter(each -> !each.search().repeated())
            .mapToLong(each -> each.search().states())
            .sum();
    long clean = predictions.stream().filter(each -> only(each, "acceptable")).count();
    long never =
        predictions.stream()
            .filter(each -> each.search().complete())
            .filter(each -> each.outcomes().stream().noneMatch(e -> e.grade().equals("acceptable")))
            .count();
    long forbidden =
        predictions.stream()
            .filter(each -> each.outcomes().stream().anyMatch(e -> e.grade().equals("forbidden")))
            .count();
    long unfinished = predictions.stream().filter(each -> !each.search().complete()).count();
    var took =
        predictions.stream()
            .map(each -> each.search().took())
            .reduce(Duration.ZERO, Duration::plus);
    return "%s: %d always clean, %d never clean, %d may do what is forbidden%s\n%s, %s, %s"
        .formatted(
            PredictionText.counted(predictions.size(), "configuration"),
            clean,
            never,
            forbidden,
            unfinished == 0 ? "" : ", " + unfinished + " NOT FINISHED",
            searches == 1 ? "1 search" : searches + " searches",
            PredictionText.counted(states, "state"),
            time(took));
  }

  private static boolean only(Prediction of, String grade) {
    return of.search().complete()
        && of.outcomes().stream().allMatch(end -> end.grade().equals(grade));
  }

  static String time(Duration took) {
    return took.toMillis() < 100
        ? String.format(Locale.ROOT, "%.1f ms", took.toNanos() / 1e6)
        : String.format(Locale.ROOT, "%.1f s", took.toNanos() / 1e9);
  }

  private static int widest(
      List<Prediction> all, String head, Function<Configuration, String> part) {
    return all.stream()
        .mapToInt(each -> Text.width(Text.line(part.apply(each.configuration()))))
        .reduce(head.length(), Math::max);
  }

  private static String right(String text, int width) {
    return " ".repeat(Math.max(0, width - text.length())) + text;
  }

  private String paint(String colour, String text) {
    return ansi ? "\u001b[" + colour + "m" + text + "\u001b[0m" : text;
  }
}
