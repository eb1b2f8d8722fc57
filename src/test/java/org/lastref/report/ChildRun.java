package org.lastref.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.lastref.fault.LabFault;

/** Runs in a process of its own, to be killed or to meet a full disk. */
final class ChildRun {

  static final int PLANNED = 200;

  private ChildRun() {}

  public static void main(String[] args) throws IOException {
    switch (args[0]) {
      case "forever" -> forever(Path.of(args[1]));
      case "until-full" -> untilFull(Path.of(args[1]));
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static void forever(Path results) {
    var folder = RunFolder.create(results, "child", Cases.NOW);
    folder.plan(IntStream.rangeClosed(1, PLANNED).mapToObj(i -> Cases.planned("" + i)).toList());
    System.out.println("added 0");
    for (int i = 1; i <= PLANNED; i++) {
      folder.addCase(Cases.result("" + i, Status.PASSED));
      System.out.println("added " + i);
    }
  }

  /** Adds cases until the disk is full, makes room, and goes on. Says what it sees. */
  private static void untilFull(Path results) throws IOException {
    var ballast = results.resolve("ballast");
    Files.write(ballast, new byte[64 << 10]);
    var folder = RunFolder.create(results, "child", Cases.NOW);
    int added = 0;
    try {
      while (added < 10_000) {
        folder.addCase(bulky(added));
        added++;
      }
    } catch (LabFault e) {
      System.out.println("fault " + e.getMessage());
    }
    var kept = RunReport.read(folder.path().resolve("run.json")).cases().size();
    System.out.println("added " + added + " json " + kept);
    System.out.println("xml " + Xml.caseNames(folder.path()).size());
    try (var left = Files.walk(results)) {
      System.out.println("left " + left.filter(f -> f.toString().endsWith(".tmp")).count());
    }
    Files.delete(ballast);
    folder.close("disk full");
    var report = RunReport.read(folder.path().resolve("run.json"));
    System.out.println("closed " + report.cases().size() + " " + report.endReason());
    System.out.println("xml " + Xml.caseNames(folder.path()).size());
  }

  private static CaseResult bulky(int i) {
    return Cases.result(
        "" + i,
        Status.FAILED,
        "h",
        "d".repeat(2000),
        Collections.nCopies(20, "line"),
        new TreeMap<>(Collections.singletonMap("list", List.of(i).toString())));
  }
}
