package org.lastref.model;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.lastref.fdt.OverlaySource;
import org.lastref.machine.Agent;
import org.lastref.machine.Exploration;
import org.lastref.machine.Explorer;
import org.lastref.machine.Machine;
import org.lastref.machine.Promela;
import org.lastref.machine.RandomMachine;
import org.lastref.machine.Step;
import org.lastref.machine.Variable;
import org.testng.annotations.AfterClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Spin, searching the same machine in Promela, finds as many states and steps as {@link Explorer}
 * and the same ends. Every overlay under every policy, without and with delayed release; for some,
 * every situation too. {@code -Dlastref.spin.all=true}: every situation for all.
 */
public class SpinTest {

  private static final boolean ALL = Boolean.getBoolean("lastref.spin.all");
  private static final List<String> SMALL =
      List.of(
          "pair", "chain", "consumer-first", "devlink/autoremove-pair", "devlink/sleepy-release");

  /** From here on it pays to have the search optimised. */
  private static final int MANY = 100_000;

  private static final int RANDOM = 100;
  private static final long MEMORY = Runtime.getRuntime().maxMemory() / 4; // two at a time

  private final AtomicInteger threads = new AtomicInteger();
  private final ExecutorService pool =
      Executors.newFixedThreadPool(
          2,
          task -> {
            Thread thread = new Thread(task, "spin-" + threads.incrementAndGet());
            thread.setDaemon(true);
            return thread;
          });

  /** What was found of a text without its comments: many policies come to the same. */
  private final Map<String, Spin> found = new ConcurrentHashMap<>();

  @AfterClass
  public void close() {
    pool.shutdownNow();
  }

  @DataProvider
  public Object[][] overlays() {
    return Stream.concat(
            OverlaySource.all(Path.of("overlays")).stream().map(OverlaySource::name),
            OverlaySource.all(Path.of("overlays/devlink")).stream()
                .map(shape -> "devlink/" + shape.name()))
        .map(name -> new Object[] {name})
        .toArray(Object[][]::new);
  }

  @Test(dataProvider = "overlays")
  public void agreesOnEveryPolicy(String overlay) {
    AppliedOverlay population = OverlayApplierTest.populated(overlay);
    List<Machine> machines = new ArrayList<>();
    for (Policy policy : Policy.modelled()) {
      for (Situation situation : Situation.modelled()) {
        if (situation == Situation.REMOVE || ALL || SMALL.contains(overlay)) {
          machines.add(Removal.of(population, policy, situation));
        }
        if (ALL || SMALL.contains(overlay)) {
          machines.add(Removal.of(population, policy.withDelayedRelease(), situation));
        }
      }
    }
    agrees(machines);
  }

  @Test
  public void agreesOnManagedResources() {
    agrees(ManagedReleaseTest.all());
  }

  @Test
  public void agreesOnParentsOfMediatedDevices() {
    agrees(ParentRegistrationTest.all());
  }

  @Test
  public void agreesOnAsynchronousProbes() {
    agrees(AsyncProbeTest.all());
  }

  @Test
  public void agreesOnAsynchronousRegistrations() {
    agrees(RegistrationTest.all());
  }

  @Test
  public void agreesOnRandomMachines() {
    List<Machine> machines = new ArrayList<>();
    for (int seed = 0; seed < RANDOM; seed++) {
      machines.add(RandomMachine.of(seed));
    }
    agrees(machines);
  }

  /** A name cannot end its comment, or be taken for anything but a name. */
  @Test
  public void agreesOnNamesThatAreNotPromela() {
    Variable flag = new Variable(0, "if */ assert(0) /* \\\n\" %d", 0, 1);
    Variable at = new Variable(1, "int", 0, 1);
    Step step =
        new Step(0, 1, List.of(), List.of(flag.becomes(1)), null, "*/ } \u00e4 /*", "%s\n#error");
    agrees(
        List.of(
            new Machine(
                "\n#error */",
                List.of(flag, at),
                List.of(new Agent("active */\"", at, List.of(step), Set.of(1))),
                List.of(new Machine.Fact(flag, Machine.Kind.WRONG, "%s \" \\n */")))));
  }

  /** Each is searched here, and by Spin unless it comes to the same as one before it. */
  private void agrees(List<Machine> machines) {
    List<Future<Optional<String>>> answers = new ArrayList<>();
    for (Machine machine : machines) {
      answers.add(pool.submit(() -> difference(machine)));
    }
    List<String> differences = new ArrayList<>();
    for (Future<Optional<String>> answer : answers) {
      differences.addAll(get(answer).stream().toList());
    }
    assertEquals(String.join("\n", differences), "");
  }

  private static <T> T get(Future<T> answer) {
    try {
      return answer.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while Spin searches", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private Optional<String> difference(Machine machine) {
    Exploration ours = Explorer.search(machine, MEMORY, (states, open) -> {});
    assertTrue(ours.complete(), machine.name());
    String text = Promela.of(machine).replaceAll("(?s)/\\*.*?\\*/", "");
    Spin.How how =
        new Spin.How(
            ours.states() < MANY ? "tcc -w" : "gcc -w -O1",
            true,
            ours.states(),
            2L * ours.states() + 1000);
    Spin spins = found.computeIfAbsent(text, key -> Spin.search(key, how));
    boolean same =
        spins.states() == ours.states()
            && spins.steps() == ours.transitions()
            && spins.outcomes(machine).equals(ours.outcomes());
    return same
        ? Optional.empty()
        : Optional.of(
            "%s: %d states, %d steps, %s here; %d, %d, %s in Spin"
                .formatted(
                    machine.name(),
                    ours.states(),
                    ours.transitions(),
                    ours.outcomes(),
                    spins.states(),
                    spins.steps(),
                    spins.outcomes(machine)));
  }
}
