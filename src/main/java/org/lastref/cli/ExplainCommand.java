package org.lastref.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.lastref.model.Policy;
import org.lastref.report.ExplanationText;
import org.lastref.suite.Recording;
import org.lastref.suite.Replay;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.TraceHeader;
import org.lastref.verify.Explainer;
import org.lastref.verify.Explanation;
import org.lastref.verify.Scenario;
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
          + " --grace say instead, or, for a trace of version 0 of which that is not known, against"
          + " the policy that explains most of it. --only says which overlay such a trace is of."
    },
    mixinStandardHelpOptions = true)
final class ExplainCommand implements Callable<Integer> {

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
    TraceHeader header = stored.header();
    Scenario scenario;
    if (header == null) {
      if (!selection.choosesOneOverlay()) {
        throw new ParameterException(
            spec.commandLine(),
            "%s is a trace of version 0: say which overlay it is of with --only".formatted(file));
      }
      Replay.Assumed assumed = OldTrace.assumed(selection);
      scenario = assumed.removal().scenario(assumed.base());
      if (!selection.choosesPolicy()) {
        scenario = Explainer.nearest(scenario, stored.trace());
      }
    } else {
      scenario = Recording.scenario(header, file);
      if (selection.choosesPolicy()) {
        Policy chosen = selection.policy(scenario.policy());
        scenario = scenario.under(chosen);
      }
    }
    Explanation explanation = Explainer.explain(scenario, stored.trace());
    System.out.print(json ? ExplanationText.json(explanation) : ExplanationText.of(explanation));
    System.out.flush();
    return explanation.findings().isEmpty() ? 0 : 1;
  }
}
