package org.lastref.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.lastref.cases.Suites;
import org.lastref.model.Kernel;
import org.lastref.offline.ModelOracle;
import org.lastref.offline.Oracle;
import org.lastref.offline.RemovalOracle;
import org.lastref.offline.Replay;
import org.lastref.offline.TraceHeaders;
import org.lastref.report.ExplanationText;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.lastref.trace.TraceHeader;
import org.lastref.verify.Explanation;
import org.lastref.verify.OverlayRemoval;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says why a stored trace got its verdict. */
@Command(
    name = "explain",
    description = {
      "Says where and why a trace differs from its model, what single change would repair it, and"
          + " which policies it could be of.",
      "",
      "It is held against the policy it was recorded under, against what --release, --fix and"
          + " --grace say instead, or, for a trace of version 0 or of a kernel of one's own, of which"
          + " that is not known, against the policy that explains most of it. --only says which overlay such a trace is of."
    },
    mixinStandardHelpOptions = true)
final class ExplainCommand implements Callable<Integer> {

  /** Events to be judged in the search for a repair: some ten seconds. */
  private static final long REPAIR_BUDGET = 10_000_000;

  @Parameters(paramLabel = "TRACE", description = "a trace in a run's folder traces/")
  @SuppressWarnings("NullAway.Init")
  private Path file;

  @Mixin private Selection selection = new Selection();

  @Option(names = "--json", description = "print the explanation as JSON")
  private boolean json;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public Integer call() {
    StoredTrace stored = StoredTrace.read(file);
    Explanation explanation = oracle(stored).explain(stored.trace(), REPAIR_BUDGET);
    System.out.print(json ? ExplanationText.json(explanation) : ExplanationText.of(explanation));
    System.out.flush();
    return explanation.findings().isEmpty() ? 0 : 1;
  }

  private Oracle oracle(StoredTrace stored) {
    TraceHeader header = stored.header();
    if (header == null) {
      return oldTrace(stored.trace());
    }
    if (header.exercise() != null) {
      if (selection.chooses()) {
        throw misused("%s is of an exercise: leave out --only, --release, --fix and --grace");
      }
    } else if (selection.choosesOverlay()) {
      throw misused("%s says itself which overlay it is of: leave out --only");
    } else if (selection.choosesPolicy()) {
      OverlayRemoval recorded = TraceHeaders.removal(header, file);
      return RemovalOracle.of(recorded.under(selection.policy(recorded.policy())));
    }
    return TraceHeaders.oracle(header, file, Suites.CATALOGUE);
  }

  private Oracle oldTrace(Trace trace) {
    if (!selection.choosesOverlay()) {
      throw misused("%s is a trace of version 0: say which overlay it is of with --only");
    }
    if (!selection.choosesOneOverlay()) {
      throw misused("%s is of one overlay and one policy: name one of each only");
    }
    Replay.Assumed assumed = OldTrace.assumed(selection);
    OverlayRemoval removal = assumed.removal().removal(assumed.base(), Kernel.LINUX_6_1);
    return ModelOracle.nearest(removal, selection.policies(), trace);
  }

  private ParameterException misused(String how) {
    return new ParameterException(spec.commandLine(), how.formatted(file));
  }
}
