package org.lastref.report;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.lastref.fault.InputFault;
import org.lastref.fault.LabFault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of one run:
 *
 * <pre>
 * results/20260131-120000-qemu-virt/   the time is UTC
 *     run.json                         {@link RunReport}
 *     junit/TEST-CLASSNAME.xml         one file a class name
 *     console.log                      written by whoever reads the console
 *     traces/                          the same; of what failed also as Perfetto has it
 *     index.html                       {@code org.lastref.page.RunPage}
 *     summary.txt                      of a kernel of the user's own, {@link MailSummary}
 * results/latest                       link to the run that started last
 * results/index.html                   {@code org.lastref.page.ResultsPage}
 * </pre>
 *
 * <p>Each change rewrites the files concerned beside the old ones, syncs and renames, so that
 * whatever kills the process they are whole, and name every planned case exactly once. All methods
 * may be called from any thread.
 */
public final class RunFolder {

  private static final Logger LOG = LoggerFactory.getLogger(RunFolder.class);
  private static final DateTimeFormatter SECOND =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);
  private static final String LATEST = "latest";
  private static final String LOCK = ".lock";
  private static final String NOT_YET = "not run yet";
  private static final int MAX_RUNS_A_SECOND = 100;

  private record JunitName(String className, String name) {}

  private final Path path;

  /** By id, in the order planned; not yet run ones are there as not run. */
  private final Map<String, CaseResult> cases = new LinkedHashMap<>();

  /** Why a case will not run, by its id. */
  private final Map<String, String> leftOut = new HashMap<>();

  private final Set<JunitName> names = new HashSet<>();
  private @Nullable FileLock lock;
  private MustRun mustRun = MustRun.NOTHING;
  private RunInfo info;
  private @Nullable Instant ended;
  private @Nullable String endReason;

  private RunFolder(Path path, RunInfo info) {
    this.path = path;
    this.info = info;
  }

  /**
   * Makes the folder of a run that starts now, with a {@code run.json} without cases, and points
   * {@code latest} at it.
   *
   * @param board the board's name: letters, digits, dot, dash and underscore
   * @throws InputFault if the board's name cannot be part of a file's name
   * @throws LabFault if the folder cannot be made
   */
  public static RunFolder create(Path resultsRoot, String board, Instant now) {
    if (!board.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
      throw new InputFault(
          "the board's name '"
              + Text.line(board, 100)
              + "' cannot name a folder of results: use letters, digits, '.', '-' and '_'");
    }
    try {
      var path = makeUnique(resultsRoot, time(now) + "-" + board);
      Files.createDirectory(path.resolve("junit"));
      Files.createDirectory(path.resolve("traces"));
      var folder = new RunFolder(path, RunInfo.begun(path.getFileName().toString(), board, now));
      folder.lock();
      folder.writeJson();
      pointLatest(resultsRoot, path.getFileName());
      return folder;
    } catch (IOException e) {
      throw new LabFault(
          "cannot make a folder for the results of "
              + board
              + ": "
              + AtomicFile.reason(resultsRoot, e)
              + ". Make room or give another folder.",
          e);
    }
  }

  /**
   * Opens the folder of a run that ended before its time, to go on with it: what came to a verdict
   * stays, all else is to be planned again.
   *
   * @throws InputFault if it is no run's, or that still goes on
   */
  public static RunFolder resume(Path path) {
    var report = RunReport.read(path.resolve("run.json"));
    var run = new RunFolder(real(path), report.run());
    if (!report.run().id().equals(run.id())) {
      throw new InputFault(
          "%s holds the run %s: give the folder its name again"
              .formatted(path, Text.line(report.run().id(), 100)));
    }
    run.lock();
    report.cases().stream().filter(CaseResult::isVerdict).forEach(run::putNew);
    return run;
  }

  /** Not latest, which is a link. */
  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      throw new InputFault("cannot go on with the run: " + AtomicFile.reason(path, e), e);
    }
  }

  /** Two that write to one folder would undo what the other writes. The kernel lets go of it. */
  private void lock() {
    try {
      var channel =
          FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      lock = channel.tryLock();
      if (lock == null) {
        channel.close();
        throw new InputFault(
            "%s still goes on: another ./lastref run writes to it".formatted(path));
      }
    } catch (OverlappingFileLockException e) {
      throw new InputFault("%s still goes on".formatted(path), e);
    } catch (IOException e) {
      throw new LabFault("cannot lock the results: " + AtomicFile.reason(path, e), e);
    }
  }

  private void unlock() {
    try {
      if (lock != null) {
        Files.deleteIfExists(path.resolve(LOCK));
        lock.acquiredBy().close();
        lock = null;
      }
    } catch (IOException e) {
      LOG.warn("{} may stay locked until this program ends: {}", path, e.toString());
    }
  }

  private static Path makeUnique(Path root, String name) throws IOException {
    // createDirectories refuses a link to a directory before Java 19 (JDK-8294193).
    if (!Files.isDirectory(root)) {
      Files.createDirectories(root);
    }
    for (int i = 1; ; i++) {
      try {
        return Files.createDirectory(root.resolve(i == 1 ? name : name + "-" + i));
      } catch (FileAlreadyExistsException e) {
        if (i == MAX_RUNS_A_SECOND) {
          throw new IOException(name + " to " + name + "-" + i + " exist already", e);
        }
      }
    }
  }

  /** A link made aside and renamed: there is no moment without one. */
  private static void pointLatest(Path root, Path target) {
    var latest = root.resolve(LATEST);
    var aside = root.resolve("." + LATEST + "-" + target);
    try {
      if (Files.exists(latest, LinkOption.NOFOLLOW_LINKS) && !Files.isSymbolicLink(latest)) {
        LOG.warn("{} is not a link: left alone, it does not show the latest run", latest);
        return;
      }
      Files.createSymbolicLink(aside, target);
      Files.move(aside, latest, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | UnsupportedOperationException e) {
      LOG.warn("{} does not show the latest run, {}: {}", latest, target, e.toString());
    }
  }

  /** The folder. */
  public Path path() {
    return path;
  }

  /** The name of the folder, and of the run. */
  public String id() {
    return path.getFileName().toString();
  }

  /** Where the console log of this run goes; the file is its writer's to make. */
  public Path consoleLog() {
    return path.resolve("console.log");
  }

  /**
   * Where a board's logs go; of the first of several like it, where the run's are.
   *
   * @param number from 1
   * @throws LabFault if the folder cannot be made
   */
  public Path board(int number) {
    if (number == 1) {
      return path;
    }
    Path its = path.resolve("board-" + number);
    try {
      return Files.createDirectories(its);
    } catch (IOException e) {
      throw new LabFault("cannot make %s: %s".formatted(its, e.getMessage()), e);
    }
  }

  /** Where traces go. */
  public Path traces() {
    return path.resolve("traces");
  }

  /** The run so far, with an error for each case that must run and has not. */
  public synchronized RunReport report() {
    var all = new ArrayList<>(cases.values());
    all.addAll(missing());
    return new RunReport(RunReport.FORMAT, info, ended, endReason, all);
  }

  /** How a case stands, one that is planned or was added. */
  public synchronized Optional<CaseResult> result(String id) {
    return Optional.ofNullable(cases.get(id));
  }

  private List<CaseResult> missing() {
    return mustRun.missing(
        info.board(), cases.values(), leftOut, ended == null ? info.started() : ended);
  }

  /** What is known of the run as it begins, to be completed and given to {@link #describe}. */
  public synchronized RunInfo info() {
    return info;
  }

  /**
   * Says what the run is made with, as it becomes known; replaces what was said before.
   *
   * @throws IllegalArgumentException if it is of another run
   * @throws LabFault if it cannot be written
   */
  public synchronized void describe(RunInfo run) {
    if (!run.id().equals(id())) {
      throw new IllegalArgumentException("this is run " + id() + ", not " + run.id());
    }
    info = run;
    writeAll();
  }

  /**
   * Names cases that must run. Until they are added they appear as skipped, "not run yet".
   *
   * @throws IllegalStateException if an id, or class name and name, was there before
   * @throws LabFault if it cannot be written
   */
  public synchronized void plan(List<PlannedCase> planned) {
    requireOpen();
    for (var each : planned) {
      putNew(CaseResult.notRun(each, NOT_YET));
    }
    writeAll();
  }

  /**
   * Says what must run. Whatever has not is an error from now on, in {@code run.json} and the XML,
   * until it has: a run that is killed leaves it behind.
   *
   * @throws LabFault if it cannot be written
   */
  public synchronized void require(MustRun list) {
    requireOpen();
    mustRun = list;
    writeAll();
  }

  /**
   * Adds how a case ended, planned or not, and rewrites its class's XML and {@code run.json}. Of
   * detail and console it keeps head and tail.
   *
   * @throws IllegalStateException if the case was added before, differs in name from what was
   *     planned, or has the class name and name of another
   * @throws LabFault if it cannot be written; the files are then as they were, and the next write
   *     that succeeds has this case too
   */
  public synchronized void addCase(CaseResult result) {
    requireOpen();
    var planned = cases.get(result.id());
    if (planned == null) {
      putNew(result.bounded());
    } else if (!planned.notRun()) {
      throw new IllegalStateException("case " + result.id() + " was added before");
    } else if (!nameOf(planned).equals(nameOf(result))) {
      throw new IllegalStateException(
          "case "
              + result.id()
              + " is "
              + nameOf(result)
              + " but was planned as "
              + nameOf(planned));
    } else {
      cases.put(result.id(), result.bounded());
    }
    writeXml(result.className());
    writeMissing();
    writeJson();
  }

  /**
   * Says of some cases why they will not run, those left out that did.
   *
   * @param reason for example {@code "the board was given up: ..."}
   * @throws LabFault if it cannot be written
   */
  public synchronized void skip(Set<String> ids, String reason) {
    requireOpen();
    leaveOut(ids, reason);
    writeAll();
  }

  /** A time as it stands in the names of results, to the second and in UTC. */
  public static String time(Instant time) {
    return SECOND.format(time);
  }

  private void leaveOut(Collection<String> ids, String reason) {
    for (var id : List.copyOf(ids)) {
      var planned = cases.get(id);
      if (planned != null && planned.notRun() && leftOut.putIfAbsent(id, reason) == null) {
        cases.put(id, CaseResult.notRun(planned.planned(), "not run: " + reason));
      }
    }
  }

  /**
   * Ends the run: what has not run by now is marked so, with the reason. Closing again only writes
   * again, so that a shutdown hook may follow the ordinary end.
   *
   * @param reason for example {@code "all cases ran"} or {@code "interrupted"}
   * @throws LabFault if it cannot be written
   */
  public synchronized void close(String reason) {
    if (ended == null) {
      ended = Instant.now();
      endReason = reason;
      leaveOut(cases.keySet(), reason);
    }
    writeAll();
    unlock();
  }

  /**
   * Keeps a text about the run as a whole, as {@code summary.txt}.
   *
   * @throws LabFault if it cannot be written
   */
  public synchronized void summarize(String text) {
    AtomicFile.write(path.resolve("summary.txt"), text.getBytes(StandardCharsets.UTF_8));
  }

  private void requireOpen() {
    if (ended != null) {
      throw new IllegalStateException("run " + id() + " has ended: " + endReason);
    }
  }

  private void putNew(CaseResult result) {
    if (cases.containsKey(result.id())) {
      throw new IllegalStateException("two cases have the id " + result.id());
    }
    if (!names.add(nameOf(result))) {
      throw new IllegalStateException(
          "case " + result.id() + " has the name of another: " + nameOf(result));
    }
    cases.put(result.id(), result);
  }

  /** As the XML will have it: two names that differ in what is escaped would collide there. */
  private static JunitName nameOf(CaseResult result) {
    return new JunitName(Text.line(result.className()), Text.line(result.name()));
  }

  private void writeAll() {
    var suites = new LinkedHashSet<String>();
    cases.values().forEach(c -> suites.add(c.className()));
    suites.forEach(this::writeXml);
    writeMissing();
    writeJson();
  }

  private void writeXml(String className) {
    writeXml(
        className, cases.values().stream().filter(c -> c.className().equals(className)).toList());
  }

  /** Once there, the suite stays: Jenkins drops one without cases. */
  private void writeMissing() {
    if (!mustRun.entries().isEmpty()) {
      writeXml(MustRun.className(info.board()), missing());
    }
  }

  private void writeXml(String className, List<CaseResult> ofClass) {
    var file = "TEST-" + AtomicFile.nameFor(className) + ".xml";
    AtomicFile.write(
        path.resolve("junit").resolve(file), JunitXml.suite(className, info, ofClass, path));
  }

  private void writeJson() {
    AtomicFile.write(path.resolve("run.json"), Json.bytes(report()));
  }
}
