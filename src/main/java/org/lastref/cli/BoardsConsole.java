package org.lastref.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.lastref.board.BaseTree;
import org.lastref.board.Board;
import org.lastref.board.BoardDefinition;
import org.lastref.board.Boot;
import org.lastref.board.Channel;
import org.lastref.board.Holder;
import org.lastref.board.Lease;
import org.lastref.board.Leases;
import org.lastref.board.LifeCycle;
import org.lastref.fault.LabFault;
import org.lastref.image.Images;
import org.lastref.link.Console;
import org.lastref.link.SerialLine;
import org.lastref.report.RunFolder;
import org.lastref.report.Text;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A person on a board's console. */
@Command(
    name = "console",
    description = {
      "Connects this terminal to a board's console. Ctrl-] leaves it.",
      "If a run uses the board, beside the run, which keeps its log. If it is free, it is taken for"
          + " so long, and all it prints goes to results/console-BOARD-TIME.log; a board in QEMU is"
          + " booted.",
      "What a terminal would act upon is shown as question marks, unless --raw is given."
    },
    mixinStandardHelpOptions = true)
final class BoardsConsole implements Callable<Integer> {

  private static final String NOBODY = "";

  @Parameters(paramLabel = "BOARD", description = "a board in boards/, or a YAML file")
  private String word = "";

  @Option(
      names = "--raw",
      description = "pass on all that the board prints, for editors and colours on a trusted board")
  private boolean raw;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    BoardDefinition board = Selection.board(word);
    if (!board.shared()) {
      booted(board);
      return 0;
    }
    Leases leases = Leases.ofHost();
    Optional<Holder> holder = leases.state(board.name()).holder();
    if (holder.isPresent()) {
      attend(Tap.at(socket(leases, board.name(), holder.get())), "beside " + holder.get());
      return 0;
    }
    List<String> words = Main.words(spec);
    Holder me = Holder.here(words, "");
    try (Lease lease = leases.take(board.name(), me, Duration.ZERO, told -> {});
        Console console =
            Console.attach(
                SerialLine.open(board.console().device(), board.console().baud()),
                log(board.name()))) {
      attend(Tap.of(console), "it is yours since " + lease.holder().since());
    }
    return 0;
  }

  private void booted(BoardDefinition definition) throws IOException {
    Images images = Images.ensure(Main.project());
    Path log = log(definition.name());
    Path folder = Files.createTempDirectory("lastref-console");
    Path addition = Main.project().resolve("boards/base.dtso");
    Path tree = BaseTree.make(definition, images::kernel, addition, folder);
    Boot boot = new Boot(images.image(), Optional.of(tree), Channel.SSH, List.of());
    // The board names its log itself.
    Files.createSymbolicLink(folder.resolve("console.log"), log.toAbsolutePath());
    LifeCycle life = LifeCycle.of(definition.name(), folder);
    try (Board board = Board.boot(definition, boot, folder, life)) {
      attend(Tap.of(board.console()), "booted for you");
    } finally {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }

  private void attend(Tap tap, String how) {
    System.err.println("lastref: " + Text.printable(how) + "; Ctrl-] leaves the console");
    RawTerminal.during(new ConsoleSession(tap, System.in, System.out, raw)::run);
    System.err.println("\nlastref: left the console");
  }

  /**
   * Anyone can write what the lease's file says. A socket is believed only if the process that
   * holds the lock has the user that owns it: what is typed into it may be a password.
   */
  private static Path socket(Leases leases, String board, Holder holder) throws IOException {
    if (holder.console().isEmpty()) {
      throw new LabFault(
          "board %s is held by %s, and that does not offer its console".formatted(board, holder));
    }
    Path socket = Path.of(holder.console());
    String owner =
        Files.exists(socket, LinkOption.NOFOLLOW_LINKS)
            ? Files.getOwner(socket, LinkOption.NOFOLLOW_LINKS).getName()
            : NOBODY;
    Optional<String> user = ProcessHandle.of(holder.pid()).flatMap(p -> p.info().user());
    if (owner.equals(NOBODY)) {
      throw new LabFault(
          "board %s is held by %s, which does not serve its console just now: it may be booting"
              .formatted(board, holder));
    }
    if (!leases.isHeldBy(board, holder.pid()) || !user.equals(Optional.of(owner))) {
      throw new LabFault(
          "board %s is held by %s, and the console at %s cannot be shown to be that process's"
              .formatted(board, holder, socket));
    }
    return socket;
  }

  private static Path log(String board) throws IOException {
    Path folder = Files.createDirectories(Main.results(null));
    Path log = folder.resolve("console-%s-%s.log".formatted(board, RunFolder.time(Instant.now())));
    System.err.println("lastref: logging to " + log);
    return log;
  }
}
