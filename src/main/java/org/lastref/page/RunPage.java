package org.lastref.page;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.Fault;
import org.lastref.report.CaseCoverage;
import org.lastref.report.CaseResult;
import org.lastref.report.Facts;
import org.lastref.report.Matrix;
import org.lastref.report.RunInfo;
import org.lastref.report.RunReport;
import org.lastref.report.Status;
import org.lastref.report.Text;
import org.lastref.report.Totals;
import org.lastref.report.Try;
import org.lastref.report.VerdictTable;
import org.lastref.trace.StoredTrace;
import org.lastref.verify.Application;

/**
 * A run's page, {@code index.html} in its folder: HTML that Jenkins' content security policy leaves
 * as it is, with neither style nor script, so all that looks is by what elements mean, and colours
 * are those that can be read on light and dark alike.
 */
public final class RunPage {

  /** Of the file in the run's folder. */
  public static final String NAME = "index.html";

  /** Of all timelines together, in bytes: the page is to open at once. */
  private static final int MOST_DRAWN = 1_600_000;

  /** Of a text, in characters. */
  private static final int MOST_TEXT = 20_000;

  private static final String TRACE = ".trace.gz";

  /** Read well on light and on dark; what they mean stands beside them in words. */
  static final String RED = "#d03020";

  static final String GREEN = "#20903c";
  static final String AMBER = "#b07000";
  static final String GREY = "#808080";

  private static final Template TEMPLATE = template("run.mustache");

  private final RunReport report;
  private final Path folder;
  private final Map<String, String> anchors = new HashMap<>();

  /** Shown already, so that of those that passed alike one has a timeline. */
  private final Set<String> drawn = new HashSet<>();

  private int bytes;

  /** Why the last case has no timeline, if it should have. */
  private String undrawn = "";

  private RunPage(RunReport report, Path folder) {
    this.report = report;
    this.folder = folder;
    report.cases().forEach(each -> anchors.put(each.id(), "c" + (anchors.size() + 1)));
  }

  /**
   * The page, as far as the run is.
   *
   * @param folder the run's, for its traces
   */
  public static byte[] of(RunReport report, Path folder) {
    return TEMPLATE.execute(new RunPage(report, folder).page()).getBytes(StandardCharsets.UTF_8);
  }

  static Template template(String name) {
    try (Reader source =
        new InputStreamReader(
            Objects.requireNonNull(RunPage.class.getResourceAsStream(name)),
            StandardCharsets.UTF_8)) {
      // Escapes by default.
      return Mustache.compiler().emptyStringIsFalse(true).compile(source);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A name and what it is. */
  record Field(String name, String value) {}

  /** A colour's name in words is in the text beside it. */
  record Coloured(String colour, String word) {}

  record Head(String name, int span) {}

  record Cell(@Nullable String anchor, String colour, String word) {}

  record Row(String name, List<Cell> cells) {}

  record Table(
      String title, String corner, List<Head> groups, List<String> columns, List<Row> rows) {}

  record Link(String href, String name) {}

  record Case(
      String anchor,
      String id,
      String name,
      Coloured verdict,
      boolean open,
      String headline,
      List<String> detail,
      String tries,
      List<AppliedTable.Row> applied,
      List<Field> fields,
      List<Field> unseen,
      String console,
      String command,
      List<Link> files,
      String undrawn,
      @Nullable Timeline timeline) {}

  record Page(
      String title,
      boolean running,
      Coloured verdict,
      String totals,
      List<Field> fields,
      List<Link> bad,
      List<Table> tables,
      List<Case> cases,
      List<Link> files) {}

  private Page page() {
    RunInfo run = report.run();
    Totals totals = Totals.of(report.cases());
    List<CaseResult> first =
        report.cases().stream().filter(RunPage::isToldFirst).sorted(CaseResult.BY_WEIGHT).toList();
    List<CaseResult> all = new ArrayList<>(first);
    report.cases().stream().filter(each -> !isToldFirst(each)).forEach(all::add);
    return new Page(
        run.id(),
        report.ended() == null,
        totals.failed() > 0
            ? new Coloured(RED, "failed")
            : totals.errors() + totals.notRun() > 0
                ? new Coloured(AMBER, "not all came to a verdict")
                : new Coloured(GREEN, "all as expected"),
        totals.toString(),
        fields(run),
        first.stream()
            .map(each -> new Link(anchor(each), line(each.id() + ": " + each.headline())))
            .toList(),
        new VerdictTable(VerdictTable.PLACES, false)
            .matrices(report.cases()).stream().map(this::table).toList(),
        all.stream().map(this::told).toList(),
        files(
            "run.json",
            "console.log",
            "board.log",
            "board-2/console.log",
            "board-2/board.log",
            "summary.txt"));
  }

  private static boolean passed(CaseResult each) {
    return each.status() == Status.PASSED;
  }

  /** Whether it ran and did not pass, or not at once. */
  private static boolean isToldFirst(CaseResult each) {
    return !each.notRun() && (!passed(each) || each.passedAfterRetry());
  }

  private static String colour(@Nullable Status status) {
    if (status == null) {
      return GREY;
    }
    return switch (status) {
      case PASSED -> GREEN;
      case FAILED -> RED;
      case ERROR -> AMBER;
      case SKIPPED -> GREY;
    };
  }

  private String anchor(CaseResult each) {
    return "#" + anchors.get(each.id());
  }

  private List<Field> fields(RunInfo run) {
    List<Field> fields = new ArrayList<>();
    fields.add(new Field("Board", run.board()));
    RunInfo.Kernel kernel = run.kernel();
    if (kernel != null) {
      fields.add(
          new Field(
              "Kernel",
              kernel.release()
                  + (kernel.sourceVersion() == null ? "" : ", " + kernel.sourceVersion())));
      fields.add(
          new Field(
              "Patches",
              kernel.patches().stream()
                  .map(RunInfo.Patch::name)
                  .collect(Collectors.joining(", "))));
    }
    fields.add(new Field("Command", String.join(" ", run.command())));
    fields.add(new Field("Lastref", run.revision() == null ? "?" : run.revision()));
    fields.add(new Field("Started", run.started().toString()));
    fields.add(
        new Field(
            "Ended",
            report.ended() == null ? "not yet" : report.ended() + ", " + report.endReason()));
    run.provenance().forEach((name, value) -> fields.add(new Field(name, value)));
    return fields.stream()
        .filter(each -> !each.value().isEmpty())
        .map(each -> new Field(each.name(), line(each.value())))
        .toList();
  }

  private Table table(Matrix matrix) {
    return new Table(
        matrix.title(),
        matrix.corner(),
        matrix.groups().stream().map(each -> new Head(each.name(), each.columns().size())).toList(),
        matrix.groups().stream().flatMap(each -> each.columns().stream()).toList(),
        matrix.rows().stream()
            .map(
                row ->
                    new Row(
                        row.name(),
                        row.cells().stream()
                            .map(
                                cell ->
                                    new Cell(
                                        anchors.get(cell.id()), colour(cell.status()), cell.word()))
                            .toList()))
            .toList());
  }

  private Case told(CaseResult each) {
    undrawn = "";
    Timeline timeline = timeline(each);
    boolean open = each.status() == Status.FAILED;
    Facts facts = each.facts();
    CaseCoverage coverage = facts == null ? null : facts.coverage();
    List<Field> fields = new ArrayList<>();
    if (each.started() != null) {
      fields.add(new Field("Began", each.started() + ", took " + each.took().toMillis() + " ms"));
    }
    if (coverage != null) {
      fields.add(new Field("Seen of what is possible", coverage.covered().toString()));
    }
    return new Case(
        Objects.requireNonNull(anchors.get(each.id())),
        line(each.id()),
        line(each.name()),
        new Coloured(colour(each.status()), word(each)),
        open,
        block(each.headline()),
        block(each.detail()).lines().map(RunPage::indented).toList(),
        each.tries().stream()
            .map(Try::headline)
            .map(RunPage::line)
            .collect(Collectors.joining("; ")),
        facts == null || (passed(each) && timeline == null)
            ? List.of()
            : applied(facts.application()),
        fields,
        coverage == null ? List.of() : unseen(coverage, timeline != null),
        block(String.join("\n", each.last().console())),
        line(each.rerun()),
        files(each),
        undrawn,
        timeline);
  }

  private List<AppliedTable.Row> applied(Application application) {
    List<AppliedTable.Row> rows = bytes > MOST_DRAWN ? List.of() : AppliedTable.of(application);
    bytes += rows.size() * AppliedTable.BYTES;
    return rows;
  }

  /**
   * Outcomes that were not seen, each with a way to it.
   *
   * @param ways whether to tell them, as of cases that are drawn
   */
  private static List<Field> unseen(CaseCoverage coverage, boolean ways) {
    List<Field> unseen = new ArrayList<>();
    for (String outcome : coverage.unseenOutcomes()) {
      int i = unseen.size();
      unseen.add(
          new Field(outcome, ways && i < coverage.ways().size() ? coverage.ways().get(i) : ""));
    }
    return unseen;
  }

  private static String word(CaseResult each) {
    String status = each.notRun() ? "not run" : each.status().name().toLowerCase(Locale.ROOT);
    return each.verdict().isEmpty() ? status : status + ": " + each.verdict();
  }

  /** Of the cycle that was judged last; of those that passed alike, of one. */
  private @Nullable Timeline timeline(CaseResult each) {
    Facts facts = each.facts();
    String judged = judged(each);
    String alike = each.properties().getOrDefault("overlay", each.name()) + each.verdict();
    boolean passed = passed(each);
    if (facts == null || judged == null || bytes > MOST_DRAWN || (passed && !drawn.add(alike))) {
      return null;
    }
    try {
      Timeline timeline =
          Timeline.of(
              StoredTrace.read(folder.resolve(judged)).trace(),
              facts.coverage() == null ? List.of() : facts.coverage().allowed(),
              facts.first() == null ? -1 : facts.first().event());
      bytes += timeline.size();
      return timeline;
    } catch (Fault e) {
      undrawn = line("its trace is not drawn: " + e.getMessage());
      return null;
    }
  }

  /** The trace of the cycle that was judged last; null if there is none. */
  static @Nullable String judged(CaseResult each) {
    Facts facts = each.facts();
    List<String> traces =
        each.last().attachments().stream().filter(file -> file.endsWith(TRACE)).toList();
    return facts == null || traces.isEmpty()
        ? null
        : traces.get(Math.max(1, Math.min(facts.cycles().count(), traces.size())) - 1);
  }

  /** Where the same is as Perfetto has it, if the case did not pass. */
  static String perfetto(CaseResult each) {
    return "traces/" + each.id().replaceAll("[^A-Za-z0-9._-]", "-") + ".perfetto-trace";
  }

  private List<Link> files(CaseResult each) {
    List<Link> links = new ArrayList<>();
    each.last().attachments().forEach(file -> links.add(new Link(file, file)));
    links.addAll(files(perfetto(each)));
    return links;
  }

  private List<Link> files(String... names) {
    return List.of(names).stream()
        .filter(each -> Files.exists(folder.resolve(each)))
        .map(each -> new Link(each, each))
        .toList();
  }

  private static String line(String text) {
    return Text.line(text, 400);
  }

  /** Breaks where a window is narrow, which preformatted text would not. */
  private static String indented(String line) {
    String text = line.stripLeading();
    return "\u00a0".repeat(line.length() - text.length()) + text;
  }

  /** With no more than a reader takes, whoever wrote it. */
  private static String block(String text) {
    String printable = Text.printable(text);
    return printable.length() <= MOST_TEXT
        ? printable
        : printable.substring(0, MOST_TEXT) + "\n… " + (text.length() - MOST_TEXT) + " more";
  }
}
