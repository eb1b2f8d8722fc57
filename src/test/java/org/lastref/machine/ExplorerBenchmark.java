package org.lastref.machine;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.lastref.model.Instance;
import org.lastref.model.ModelBench;
import org.openjdk.jmh.annotations.AuxCounters;
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

/** One whole search by {@link Explorer}; {@link ModelBench} sets it beside Spin's. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 8)
@Measurement(iterations = 5)
@Fork(
    value = 1,
    jvmArgs = {"-Xms3g", "-Xmx3g", "-XX:+UseSerialGC"})
public class ExplorerBenchmark {

  /** Which of {@link Instance}. */
  @Param public Instance instance = Instance.FAN_OUT;

  private Machine machine = new Machine("none", List.of(), List.of(), List.of());

  @Setup
  public void make() {
    machine = instance.machine();
  }

  /** What the searching thread spent, and the collector while that waited. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Spent {
    public long cpuMicros;
  }

  /** The search. */
  @Benchmark
  public int search(Spent spent) {
    long before = cpuMicros();
    Exploration found = Explorer.search(machine, 2L << 30, (states, open) -> {});
    spent.cpuMicros = cpuMicros() - before;
    if (!found.complete()) {
      throw new IllegalStateException(instance + " needs more memory");
    }
    return found.states();
  }

  private static long cpuMicros() {
    long collecting =
        ManagementFactory.getGarbageCollectorMXBeans().stream()
            .mapToLong(GarbageCollectorMXBean::getCollectionTime)
            .sum();
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1000 + collecting * 1000;
  }
}
