package org.lastref.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lastref.board.BoardDefinition;
import org.lastref.machine.Promela;
import org.lastref.model.Kernel;
import org.lastref.model.Policy;
import org.lastref.model.Situation;
import org.lastref.offline.Predictor;
import org.lastref.offline.Predictor.Removed;
import org.lastref.report.Prediction;
import org.lastref.report.PredictionMatrix;
import org.lastref.report.PredictionText;
import org.lastref.report.Predictions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what may become of removals, without booting a board. */
@Command(
    name = "predict",
    description = {
      "Searches every interleaving of an overlay's removal, without booting a board.",
      "Without a policy it prints how many outcomes there are under each; with one, a shortest way"
          + " to each outcome and every node's reference count over time."
    },
    mixinStandardHelpOptions = true)
final class PredictCommand implements Callable<Integer> {

  private static final String ALL = "all";
  private static final List<Object> POSSIBLE =
      Stream.<Object>concat(Situation.modelled().stream(), Stream.of(ALL)).toList();

  @Parameters(
      paramLabel = "OVERLAY",
      arity = "0..*",
      description = "overlays in overlays/, or .dtso or .dtbo files")
  private List<String> overlays = new ArrayList<>();

  @Mixin private LoaderParameters parameters = new LoaderParameters();

  @Option(
      names = "--board",
      paramLabel = "BOARD",
      defaultValue = "qemu-virt",
      description = "whose tree they are applied to (default: ${DEFAULT-VALUE})")
  private String board = "";

  @Mixin private PolicyChoice.Modelled policyChoice = new PolicyChoice.Modelled();

  @Option(
      names = "--situation",
      paramLabel = "SITUATION",
      split = ",",
      completionCandidates = Situations.class,
      description = "${COMPLETION-CANDIDATES} (default: remove)")
  private List<String> situations = new ArrayList<>();

  @Option(names = "--delayed", description = "with CONFIG_DEBUG_KOBJECT_RELEASE")
  private boolean delayed;

  @Option(
      names = "--all",
      description = "the table of all that is chosen; every overlay if none is")
  private boolean all;

  @Option(names = "--json", description = "print JSON instead")
  private boolean json;

  @Option(
      names = "--promela",
      description = "print the model of one removal for Spin instead of searching it")
  private boolean promela;

  @Option(
      names = "--memory",
      paramLabel = "MIB",
      description = "what the states of one search may take (default: what the heap has room for)")
  private @Nullable Long memory;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public Integer call() {
    if (overlays.isEmpty() && !all) {
      throw new ParameterException(spec.commandLine(), "name an overlay, or choose --all");
    }
    if (overlays.isEmpty() && parameters.areChosen()) {
      throw new ParameterException(spec.commandLine(), "--param: of which overlay?");
    }
    boolean table = all || !policyChoice.choosesPolicy();
    List<Policy> policies = policies();
    List<Situation> chosen = situations();
    long maxBytes = maxMebibytes() << 20;
    BoardDefinition definition = Selection.board(board);
    List<Removed> removed =
        Predictor.removed(
            Selection.overlays(spec.commandLine(), "predict", overlays, parameters),
            Main.base(definition),
            Kernel.LINUX_6_1);
    if (promela) {
      return printPromela(removed, policies, chosen);
    }
    List<Prediction> predictions = predictions(removed, policies, chosen, maxBytes, !table);
    System.out.print(
        json
            ? new Predictions(definition.name(), predictions).toJson()
            : table
                ? new PredictionMatrix(colours()).render(predictions)
                : PredictionText.of(predictions));
    System.out.flush();
    return ended(predictions, maxBytes);
  }

  private static List<Prediction> predictions(
      List<Removed> removed,
      List<Policy> policies,
      List<Situation> chosen,
      long maxBytes,
      boolean ways) {
    Predictor predictor = new Predictor(maxBytes, ways);
    SearchProgress progress = new SearchProgress(removed.size() * policies.size() * chosen.size());
    List<Prediction> predictions = new ArrayList<>();
    for (Removed each : removed) {
      for (Situation situation : chosen) {
        for (Policy policy : policies) {
          Prediction prediction =
              predictor.predict(
                  each, policy, situation, progress.of(each.overlay() + " " + policy));
          progress.ended(prediction);
          predictions.add(prediction);
        }
      }
    }
    return predictions;
  }

  /** Of a stack, that of its uppermost overlay, which is removed first. */
  private int printPromela(List<Removed> removed, List<Policy> policies, List<Situation> chosen) {
    if (overlays.size() != 1 || policies.size() != 1 || chosen.size() != 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--promela: choose one overlay, --release, --fix, --grace and --situation");
    }
    System.out.print(Promela.of(removed.get(0).machine(policies.get(0), chosen.get(0))));
    System.out.flush();
    return 0;
  }

  private static int ended(List<Prediction> predictions, long maxBytes) {
    long unfinished = predictions.stream().filter(each -> !each.search().complete()).count();
    if (unfinished == 0) {
      return 0;
    }
    System.err.printf(
        "lastref: %d of %d searches needed more than %d MiB and were given up: what is said of"
            + " them may lack outcomes. LASTREF_HEAP=8g in the environment makes more room.%n",
        unfinished, predictions.size(), maxBytes >> 20);
    return Main.LAB;
  }

  private List<Policy> policies() {
    return policyChoice.policies().stream()
        .map(each -> delayed ? each.withDelayedRelease() : each)
        .toList();
  }

  private List<Situation> situations() {
    if (situations.isEmpty()) {
      return List.of(Situation.REMOVE);
    }
    List<Object> named = Words.chosen(spec.commandLine(), "--situation", situations, POSSIBLE);
    return named.contains(ALL)
        ? Situation.modelled()
        : named.stream().map(Situation.class::cast).toList();
  }

  /**
   * The table of states grows in one piece, and the collector keeps a third of the heap for
   * short-lived objects.
   */
  private long maxMebibytes() {
    long room = (Runtime.getRuntime().maxMemory() >> 20) * 3 / 8;
    if (memory == null) {
      return room;
    }
    if (memory < 1 || memory > room) {
      throw new ParameterException(
          spec.commandLine(),
          "--memory %d: 1 to %d are possible; LASTREF_HEAP=8g in the environment makes more room"
              .formatted(memory, room));
    }
    return memory;
  }

  private static boolean colours() {
    return Boolean.getBoolean("lastref.terminal.out") && System.getenv("NO_COLOR") == null;
  }

  static final class Situations extends Candidates {
    Situations() {
      super(POSSIBLE);
    }
  }
}
