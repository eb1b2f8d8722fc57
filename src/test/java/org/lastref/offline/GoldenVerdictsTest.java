package org.lastref.offline;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.testng.Assert.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.lastref.Recorded;
import org.lastref.cases.Suites;
import org.lastref.fault.Fault;
import org.lastref.link.Sha256;
import org.lastref.machine.Label;
import org.lastref.model.Kernel;
import org.lastref.model.Policy;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.Trace;
import org.lastref.trace.TraceReader;
import org.lastref.verify.Explanation;
import org.lastref.verify.Finding;
import org.lastref.verify.Seen;
import org.lastref.verify.Verdict;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * What is said of every recorded trace, finding by finding, and of what it is not: under other
 * policies and variants, and with a line left out. The golden file beside the traces says what was
 * said before; {@code -Dlastref.golden=write} writes it anew.
 */
public class GoldenVerdictsTest {

  private static final Path GOLDEN = Path.of("src/test/resources/golden/verdicts.txt");
  private static final Path TRACES = Path.of("src/test/resources/traces");

  /** One in so many lines of a trace is left out, the others' turn comes by {@code =1}. */
  private static final int STRIDE = Integer.getInteger("lastref.golden.stride", 11);

  /** Events to be judged in the search for a repair. */
  private static final long BUDGET = 200_000;

  private static final Pattern PUTS = Pattern.compile("a put by (\\w+(?: or \\w+)+)");
  private static final Pattern LABELS =
      Pattern.compile("; allowed: ([^;,]+\\)[^;,]*(?:, or [^;,]+)+)");

  private static final boolean WRITE = "write".equals(System.getProperty("lastref.golden"));

  /** A trace and what it may be held against, its own first. */
  private record Held(String name, String text, Map<String, Oracle> subjects) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static List<Held> all() {
    List<Held> all = new ArrayList<>();
    Stream.of(
            Recorded.all(),
            Recorded.allUnbound(),
            List.of(Recorded.SLEPT),
            Recorded.allDelayed(),
            List.of(
                new Recorded(
                    "fan-in",
                    new Policy(Policy.Release.CALL_SRCU, Policy.Fix.NONE, Policy.Grace.SLOW)),
                new Recorded(
                    "pair",
                    new Policy(
                        Policy.Release.DEDICATED_WQ, Policy.Fix.SRCU_BARRIER, Policy.Grace.SLOW))))
        .flatMap(List::stream)
        .forEach(recorded -> all.add(held(recorded)));
    for (String folder : List.of("async", "devres", "mdev", "own", "raspi3b")) {
      try (Stream<Path> files = Files.list(TRACES.resolve(folder))) {
        files.sorted().forEach(file -> all.add(held(file)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return all;
  }

  private static Held held(Recorded recorded) {
    Map<String, Oracle> subjects = new LinkedHashMap<>();
    subjects.put("its own", ModelOracle.of(recorded.removal()));
    for (Policy policy : List.of(Recorded.LEAKING, Recorded.BARRIER, Recorded.WAITED)) {
      Policy other = recorded.policy().delayed() ? policy.withDelayedRelease() : policy;
      subjects.put(other.toString(), ModelOracle.of(recorded.removal(other)));
    }
    String kind = recorded.policy().delayed() ? " delayed" : " " + recorded.situation();
    return new Held(recorded.name() + kind, recorded.text(), subjects);
  }

  private static Held held(Path file) {
    StoredTrace stored = StoredTrace.read(file);
    Map<String, Oracle> subjects = new LinkedHashMap<>();
    var header = Objects.requireNonNull(stored.header());
    subjects.put("its own", TraceHeaders.oracle(header, file, Suites.CATALOGUE));
    if (header.exercise() != null) {
      String id = header.exercise().id();
      Suites.CATALOGUE.entries(Kernel.LINUX_6_1).stream()
          .filter(each -> id.startsWith(each.suite() + "/" + each.scenario() + "/"))
          .forEach(
              each ->
                  subjects.put(
                      each.variant(), ModelOracle.of(each, Suites.CATALOGUE, Kernel.LINUX_6_1)));
    }
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      String text = new String(in.readAllBytes(), ISO_8859_1);
      String sent = text.substring(text.indexOf("\n", text.indexOf("\n# {") + 1) + 1);
      return new Held(TRACES.relativize(file).toString(), sent, subjects);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String said(Held held) {
    StringJoiner said = new StringJoiner("\n", "", "\n");
    said.add("== " + held.name());
    Trace trace = TraceReader.read(held.text(), held.name());
    boolean first = true;
    for (Map.Entry<String, Oracle> each : held.subjects().entrySet()) {
      said.add("held against " + each.getKey());
      verdict(each.getValue().judge(trace), said);
      Explanation explanation = each.getValue().explain(trace, BUDGET);
      if (explanation.divergence() != null) {
        said.add("  because " + explanation.divergence().because());
      }
      explanation.repairs().forEach(repair -> said.add("  repair " + repair.sentence()));
      said.add(
          "  %d steps seen, broken %s".formatted(explanation.seen().size(), explanation.broken()));
      if (first) {
        said.add(
            "  could be "
                + sha(
                    explanation.policies().stream()
                        .map(could -> could.policy() + " " + canonical(could.ruledOutBy()))
                        .collect(Collectors.joining("; "))));
        said.add("  without a line: " + mutants(held, each.getValue()));
      }
      first = false;
    }
    return said.toString();
  }

  private static void verdict(Verdict verdict, StringJoiner said) {
    said.add(
        "  %d events, leaked %s, broken %s"
            .formatted(verdict.events(), verdict.leaked(), verdict.broken()));
    for (Seen seen : verdict.seen()) {
      said.add(
          "  seen of %s: %s, unbinding %d, steps %s"
              .formatted(
                  seen.what(),
                  seen.shown(),
                  seen.unbinding(),
                  sha(seen.steps().stream().map(Label::toString).sorted().toList().toString())));
    }
    for (Finding finding : verdict.findings()) {
      said.add("  %s %s".formatted(finding.type(), canonical(finding.sentence())));
    }
  }

  private static String mutants(Held held, Oracle oracle) {
    List<String> lines = held.text().lines().toList();
    List<String> all = new ArrayList<>();
    int conform = 0;
    for (int i = 0; i < lines.size(); i += STRIDE) {
      if (!lines.get(i).startsWith("#")) {
        List<String> changed = new ArrayList<>(lines);
        changed.remove(i);
        String text = String.join("\n", changed) + "\n";
        try {
          Verdict verdict = oracle.judge(TraceReader.read(text, "mutant"));
          conform += verdict.conforms() ? 1 : 0;
          verdict.findings().forEach(each -> all.add(each.type() + " " + each.sentence()));
        } catch (Fault e) {
          all.add("" + e.getMessage());
        }
      }
    }
    return "%d conform, findings %d %s".formatted(conform, all.size(), sha(canonical("" + all)));
  }

  /** Alternatives in the order of their names, which is no promise. */
  private static String canonical(String text) {
    String sorted =
        PUTS.matcher(text)
            .replaceAll(
                puts ->
                    "a put by "
                        + String.join(
                            " or ", new TreeSet<>(List.of(puts.group(1).split(" or ", -1)))));
    return LABELS
        .matcher(sorted)
        .replaceAll(
            labels ->
                "; allowed: "
                    + Matcher.quoteReplacement(
                        String.join(
                            ", or ", new TreeSet<>(List.of(labels.group(1).split(", or ", -1))))));
  }

  private static String sha(String text) {
    return Sha256.of(text.getBytes(UTF_8)).substring(0, 16);
  }

  private static final Map<String, String> BEFORE = WRITE ? Map.of() : before();

  private static Map<String, String> before() {
    Map<String, String> before = new LinkedHashMap<>();
    try {
      for (String part : Files.readString(GOLDEN).split("(?m)^(?=== )", -1)) {
        if (!part.isBlank()) {
          before.put(part.lines().findFirst().orElseThrow().substring(3), part);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return before;
  }

  @DataProvider
  public Object[][] traces() {
    return all().stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  @Test(dataProvider = "traces")
  public void isJudgedAsBefore(Object each) throws IOException {
    Held held = (Held) each;
    String now = said(held);
    if (WRITE) {
      Files.writeString(GOLDEN, now, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      return;
    }
    assertEquals(now, BEFORE.get(held.name()));
  }
}
