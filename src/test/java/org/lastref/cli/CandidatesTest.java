package org.lastref.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.lastref.cases.Suites;
import org.lastref.model.Policy;
import org.lastref.model.Situation;
import org.testng.annotations.Test;
import picocli.CommandLine;

/** What options take is offered by itself, and nothing else is. */
public class CandidatesTest {

  private static final CommandLine RUN = new CommandLine(new RunCommand());
  private static final CommandLine PREDICT = new CommandLine(new PredictCommand());

  private static List<String> offered(CommandLine command, String option) {
    List<String> words = new ArrayList<>();
    command.getCommandSpec().findOption(option).completionCandidates().forEach(words::add);
    String help = command.getUsageMessage().replaceAll("\\s+", " ");
    assertTrue(help.contains(String.join(", ", words)), help);
    return words;
  }

  private static List<String> words(Stream<?> values) {
    return values.map(Object::toString).toList();
  }

  @Test
  public void runOffersWhatABoardHas() {
    assertEquals(
        offered(RUN, "--fix"), words(Stream.of(Policy.Fix.values()).filter(Policy.Fix::isOnBoard)));
    assertEquals(offered(RUN, "--release"), words(Stream.of(Policy.Release.values())));
    assertEquals(
        offered(RUN, "--situation"),
        words(Stream.<Object>concat(Situation.onBoard().stream(), Stream.of("all"))));
    assertEquals(offered(RUN, "--suite"), Suites.names());
    assertEquals(offered(RUN, "--via"), List.of("serial", "ssh"));
  }

  @Test
  public void predictOffersWhatTheModelHas() {
    assertEquals(offered(PREDICT, "--fix"), words(Stream.of(Policy.Fix.values())));
    assertEquals(
        offered(PREDICT, "--situation"),
        words(Stream.<Object>concat(Situation.modelled().stream(), Stream.of("all"))));
  }
}
