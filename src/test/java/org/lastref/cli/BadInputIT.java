package org.lastref.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.lastref.report.CaseResult;
import org.lastref.report.RunReport;
import org.lastref.report.Status;
import org.testng.SkipException;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** What goes wrong once a run has begun: each planned case is in its results all the same. */
public class BadInputIT {

  private Path folder = Path.of("");
  private Path results = Path.of("");

  @BeforeMethod
  void makeFolder() throws Exception {
    folder = Files.createTempDirectory("lastref-bad-input");
    results = folder.resolve("results");
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws Exception {
    Child.delete(folder);
  }

  private List<String> words(String... more) {
    List<String> words = new ArrayList<>(List.of("run", "--grace", "slow"));
    words.addAll(Child.ONE);
    words.addAll(List.of("--results", "" + results));
    words.addAll(List.of(more));
    return words;
  }

  private Child run(String... more) throws Exception {
    return Child.run(folder, List.of(), Map.of(), words(more));
  }

  private Path source(String name, String text) throws Exception {
    return Files.writeString(folder.resolve(name), "/dts-v1/;\n/plugin/;\n" + text);
  }

  private static String last(Child child) {
    return child.err().lines().reduce("", (earlier, later) -> later);
  }

  /** How the cases ended; the XML must be well-formed and name as many. */
  private List<Status> statuses() throws Exception {
    Path run = results.resolve("latest");
    List<CaseResult> cases = RunReport.read(run.resolve("run.json")).cases();
    try (Stream<Path> files = Files.list(run.resolve("junit"))) {
      var builder = DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder();
      int named = 0;
      for (Path file : files.toList()) {
        named += builder.parse(file.toFile()).getElementsByTagName("testcase").getLength();
      }
      assertEquals(named, cases.size());
    }
    return cases.stream().map(CaseResult::status).toList();
  }

  @Test
  public void goesOnAfterAnOverlayThatTheKernelRefuses() throws Exception {
    String twin = "{ compatible = \"fixed-clock\"; #clock-cells = <0>; reg = <0 0x1000 0 0x10>; };";
    Path source =
        source("twin.dtso", "&{/} { lr-twin@1 %s lr-twin@2 %s };\n".formatted(twin, twin));
    Child child = run("--only", source + ",pair");
    assertEquals(child.exit(), 2, child.err());
    assertTrue(
        last(child)
            .startsWith(
                "lastref: the kernel refuses overlay twin with error EINVAL: OF:"
                    + " of_platform_notify: failed to create for '/lr-twin@2'"),
        child.err());
    assertEquals(statuses(), List.of(Status.ERROR, Status.PASSED));
  }

  @Test
  public void goesOnAfterOverlaysThatDoNotFitTheBoardsTree() throws Exception {
    Path label = source("label.dtso", "&no_such_label { x; };\n");
    Path target = source("target.dtso", "&{/no/such/node} { x; };\n");
    Child child = run("--only", label + "," + target + ",pair");
    assertEquals(child.exit(), 2, child.err());
    assertTrue(
        child.err().contains("node label 'no_such_label' not found in live devicetree"),
        child.err());
    assertTrue(last(child).endsWith("path '/no/such/node' not found"), child.err());
    assertEquals(statuses(), List.of(Status.ERROR, Status.ERROR, Status.PASSED));
  }

  @Test
  public void namesThePortThatIsInUse() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String good = Files.readString(Child.PROJECT.resolve("boards/qemu-virt.yaml"));
      String port = "user: root\n  port: " + taken.getLocalPort();
      Path board = Files.writeString(folder.resolve("port.yaml"), good.replace("user: root", port));
      Child child = run("--only", "pair,leds", "--board", "" + board);
      assertEquals(child.exit(), 3, child.err());
      assertEquals(
          last(child),
          "lastref: Board qemu-virt: port %d in use on 127.0.0.1: free it, or leave ssh.port out of the board's file"
              .formatted(taken.getLocalPort()));
      assertEquals(statuses(), List.of(Status.SKIPPED, Status.SKIPPED));
    }
  }

  @Test
  public void namesThePackageThatBringsQemu() throws Exception {
    String path = Child.pathWithout("qemu-system-aarch64", folder);
    Child child = Child.run(folder, List.of(), Map.of("PATH", path), words("--only", "pair"));
    assertEquals(child.exit(), 3, child.err());
    assertTrue(
        last(child)
            .startsWith(
                "lastref: cannot run qemu-system-aarch64 (Debian package qemu-system-arm): "),
        child.err());
    assertEquals(statuses(), List.of(Status.SKIPPED));
  }

  /** The results are on a tmpfs of the child's own, so what is left there is copied out of it. */
  @Test
  public void aDiskThatFillsEndsTheRunAndKeepsWhatItHad() throws Exception {
    Files.createDirectory(results);
    Path small = Files.createDirectory(folder.resolve("small"));
    String script =
        """
        mount -t tmpfs -o size=4m none "$1" || exit 77
        small=$1 kept=$2
        shift 2
        "$@" --results "$small" &
        until grep -qs '"status" : "passed"' "$small/latest/run.json" || ! kill -0 $!; do
          sleep 0.05
        done
        cat /dev/zero >"$small/ballast" 2>/dev/null
        wait $!
        exit=$?
        cp -a "$small"/2* "$small/latest" "$kept"
        exit $exit
        """;
    List<String> before =
        List.of("unshare", "-rm", "sh", "-c", script, "sh", "" + small, "" + results);
    List<String> words = new ArrayList<>(List.of("run", "--only", "pair,leds,fan-in"));
    words.addAll(List.of("--release", "dedicated-wq", "--fix", "wait-removal", "--cycles", "20"));
    Child child = Child.run(folder, before, Map.of(), words);
    if (child.exit() == 77 || child.err().startsWith("unshare:")) {
      throw new SkipException("no mount namespaces here: cannot make a small disk");
    }
    assertEquals(child.exit(), 3, child.err());
    assertTrue(last(child).startsWith("lastref: cannot write "), child.err());
    assertTrue(last(child).contains("No space left on device"), child.err());
    List<Status> statuses = statuses();
    assertEquals(statuses.size(), 6);
    assertEquals(statuses.get(0), Status.PASSED);
    assertTrue(statuses.contains(Status.SKIPPED), "" + statuses);
  }
}
