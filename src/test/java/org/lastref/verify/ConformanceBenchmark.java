package org.lastref.verify;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.lastref.Recorded;
import org.lastref.trace.Scenario;
import org.lastref.trace.Trace;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One long trace, read and judged in 512 MiB. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2)
@Measurement(iterations = 3)
@Fork(
    value = 1,
    jvmArgs = {"-Xmx512m", "-XX:+UseSerialGC"})
public class ConformanceBenchmark {

  /** How many events. */
  @Param({"1000", "10000", "100000", "1000000"})
  public int events = 1000;

  private Exercise exercise =
      new OverlayRemoval(Recorded.WAITED, Map.of(), new Scenario(List.of())).exercise();
  private Path stored = Path.of("");
  private Trace trace = new Trace("none", List.of());

  @Setup
  public void make() {
    LongTrace made = LongTrace.of(new Recorded("chain", Recorded.LEAKING), events);
    exercise = made.exercise();
    stored = made.stored();
    trace = LongTrace.read(stored);
  }

  /** A trace that is in memory already. */
  @Benchmark
  public boolean judge() {
    return conforming(trace);
  }

  /** From a packed file. */
  @Benchmark
  public boolean readAndJudge() {
    trace = new Trace("none", List.of());
    trace = LongTrace.read(stored);
    return conforming(trace);
  }

  private boolean conforming(Trace judged) {
    Verdict verdict = Verifier.judge(exercise, judged);
    if (!verdict.conforms()) {
      throw new IllegalStateException(verdict.findings().get(0).sentence());
    }
    return true;
  }
}
