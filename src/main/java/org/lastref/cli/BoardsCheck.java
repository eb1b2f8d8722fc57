package org.lastref.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Health;
import org.lastref.board.Holder;
import org.lastref.board.Lease;
import org.lastref.board.Leases;
import org.lastref.fault.LabFault;
import org.lastref.image.Images;
import org.lastref.report.RunFolder;
import org.lastref.report.Text;
import org.lastref.runner.BoardDiagnosis;
import org.lastref.runner.BoardDiagnosis.Outcome;
import org.lastref.runner.BoardDiagnosis.Result;
import org.lastref.runner.Installed;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks at a board step by step. */
@Command(
    name = "check",
    description = {
      "Takes every step that a run takes with a board, and tells of each what came of it.",
      "If all are well, a quarantine of the board is lifted."
    },
    mixinStandardHelpOptions = true)
final class BoardsCheck implements Callable<Integer> {

  @Parameters(paramLabel = "BOARD", description = "a board in boards/, or a YAML file")
  private String word = "";

  @Option(
      names = "--wait",
      paramLabel = "DURATION",
      defaultValue = "0",
      converter = Waiting.class,
      description = "how long to wait for it if others use it (default: not at all)")
  private Duration wait = Duration.ZERO;

  @Option(
      names = "--results",
      paramLabel = "DIR",
      description = "where the check's folder goes (default: the project's results/)")
  private @Nullable Path results;

  @Option(names = "--json", description = "print the steps as JSON")
  private boolean json;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public Integer call() {
    BoardDefinition board = Selection.board(word);
    Path folder = folder(board.name());
    Leases leases = Leases.ofHost();
    Optional<Lease> lease = lease(leases, board, folder);
    List<Outcome> outcomes;
    try {
      outcomes =
          new BoardDiagnosis(
                  board,
                  () ->
                      board.hasOwnSystem()
                          ? Installed.images(board, Main.project())
                          : Images.ensure(Main.project()),
                  Main.project(),
                  folder)
              .run(json ? outcome -> {} : BoardsCheck::print);
    } finally {
      lease.ifPresent(Lease::close);
    }
    Optional<Outcome> failed =
        outcomes.stream().filter(each -> each.result() == Result.FAILED).findFirst();
    if (failed.isPresent()) {
      Health.record(
          leases,
          board.name(),
          Health.Kind.FAULT,
          "check, %s: %s".formatted(failed.get().step(), failed.get().what()));
    } else {
      Health.record(leases, board.name(), Health.Kind.GOOD, "checked");
      Health.release(leases, board.name());
    }
    System.out.print(json ? json(outcomes) : "Console: " + folder.resolve("console.log") + "\n");
    return failed.isPresent() ? Main.LAB : 0;
  }

  private Optional<Lease> lease(Leases leases, BoardDefinition board, Path folder) {
    if (!board.shared()) {
      return Optional.empty();
    }
    List<String> words = Main.words(spec);
    Holder me = Holder.here(words, folder.toString());
    return Optional.of(
        leases.take(
            board.name(),
            me,
            wait,
            told -> System.err.println("lastref: " + Text.printable(told))));
  }

  private static void print(Outcome outcome) {
    String head = "%-20s %-8s ".formatted(outcome.step(), outcome.result());
    System.out.println(
        head + Text.printable(outcome.what()).strip().replace("\n", "\n" + " ".repeat(30)));
  }

  private static String json(List<Outcome> outcomes) {
    ArrayNode steps = new JsonMapper().createArrayNode();
    outcomes.forEach(
        each ->
            steps
                .addObject()
                .put("step", each.step())
                .put("result", each.result().name().toLowerCase(Locale.ROOT))
                .put("what", each.what()));
    return steps.toPrettyString() + "\n";
  }

  private Path folder(String board) {
    Path folder =
        Main.results(results)
            .resolve("check-%s-%s".formatted(board, RunFolder.time(Instant.now())));
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new LabFault("cannot make %s: %s".formatted(folder, e.getMessage()), e);
    }
  }
}
