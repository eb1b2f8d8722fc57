package org.lastref.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Boards;
import org.lastref.board.Health;
import org.lastref.board.Holder;
import org.lastref.board.Leases;
import org.lastref.report.Text;
import org.lastref.report.TextTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows the boards: who uses them, and how they fared last. */
@Command(
    name = "boards",
    description = "Shows the boards: what they are, who uses or waits for them, how they fared.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "[COMMAND]",
    subcommands = {BoardsCheck.class, BoardsConsole.class, BoardsRelease.class})
final class BoardsCommand implements Callable<Integer> {

  private static final int WIDEST = 100;

  @Option(names = "--json", description = "print them as JSON")
  private boolean json;

  @Override
  public Integer call() {
    Leases leases = Leases.ofHost();
    List<Boards.Entry> entries = Boards.in(Main.boards()).entries();
    if (json) {
      System.out.println(json(leases, entries).toPrettyString());
      return 0;
    }
    TextTable table = new TextTable(WIDEST);
    table.add("", List.of("board", "labels", "kind", "state", "health"));
    for (Boards.Entry entry : entries) {
      table.add(
          "",
          List.of(
              entry.name(),
              entry.definition().map(board -> String.join(",", board.labels())).orElse(""),
              entry.definition().map(BoardsCommand::kind).orElse("?"),
              state(leases, entry),
              health(Health.of(leases, entry.name()))));
    }
    System.out.print(table);
    System.out.printf("%nleases: %s%n", Text.printable(leases.folder().toString()));
    return 0;
  }

  private static String kind(BoardDefinition board) {
    if (board.hardware() instanceof BoardDefinition.Qemu qemu) {
      return "qemu " + qemu.machine();
    }
    return board.hasOwnSystem() ? "own system" : "physical";
  }

  private static String state(Leases leases, Boards.Entry entry) {
    if (entry.definition().isEmpty()) {
      return "broken: " + entry.problem();
    }
    if (!entry.definition().get().shared()) {
      return "free, made anew for each run";
    }
    Leases.State state = leases.state(entry.name());
    String use = state.holder().map(BoardsCommand::use).orElse("free");
    return state.waiting() == 0 ? use : use + ", waiting: " + state.waiting();
  }

  private static String use(Holder holder) {
    return "in use by %s@%s since %s".formatted(holder.user(), holder.host(), holder.since());
  }

  private static String health(Health health) {
    Optional<Health.Note> quarantine = health.last(Health.Kind.QUARANTINED);
    if (quarantine.isPresent()) {
      return "QUARANTINED " + told(quarantine.get());
    }
    String run = health.last(Health.Kind.RUN).map(BoardsCommand::told).orElse("no run yet");
    Optional<Health.Note> fault = health.last(Health.Kind.FAULT);
    Optional<Health.Note> good = health.last(Health.Kind.GOOD);
    boolean failed =
        fault.isPresent() && (good.isEmpty() || !good.get().when().isAfter(fault.get().when()));
    return failed ? "FAULT " + told(fault.get()) + "; " + run : run;
  }

  private static String told(Health.Note note) {
    return note.when() + " " + note.what();
  }

  private static ObjectNode json(Leases leases, List<Boards.Entry> entries) {
    ObjectNode all = new JsonMapper().createObjectNode();
    all.put("leases", leases.folder().toString());
    ArrayNode boards = all.putArray("boards");
    for (Boards.Entry entry : entries) {
      ObjectNode node = boards.addObject();
      node.put("name", entry.name()).put("file", entry.file().toString());
      ArrayNode labels = node.putArray("labels");
      entry.definition().ifPresent(board -> board.labels().forEach(labels::add));
      node.put("kind", entry.definition().map(BoardsCommand::kind).orElse(null));
      node.put("shared", entry.definition().map(BoardDefinition::shared).orElse(null));
      node.put("problem", entry.problem().isEmpty() ? null : entry.problem());
      Leases.State state = leases.state(entry.name());
      node.putNull("holder");
      state.holder().ifPresent(holder -> describe(node.putObject("holder"), holder));
      node.put("waiting", state.waiting());
      ObjectNode health = node.putObject("health");
      Health.of(leases, entry.name())
          .notes()
          .forEach(
              (kind, note) ->
                  health
                      .putObject(kind.name().toLowerCase(Locale.ROOT))
                      .put("when", note.when().toString())
                      .put("what", note.what()));
    }
    return all;
  }

  private static void describe(ObjectNode node, Holder holder) {
    node.put("user", holder.user())
        .put("host", holder.host())
        .put("pid", holder.pid())
        .put("since", holder.since().toString())
        .put("command", holder.command())
        .put("folder", holder.folder());
  }
}
