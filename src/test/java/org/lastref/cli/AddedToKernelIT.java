package org.lastref.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.lastref.report.CaseResult;
import org.lastref.report.RunReport;
import org.lastref.report.Status;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** A driver in a module of its own, that no model knows, on a board. */
public class AddedToKernelIT {

  private static final String MODULE = "src/test/resources/modules/holder";

  private Path folder = Path.of("");

  @BeforeMethod
  void makeFolder() throws Exception {
    folder = Files.createTempDirectory("lastref-added");
  }

  @AfterMethod(alwaysRun = true)
  void removeFolder() throws Exception {
    Child.delete(folder);
  }

  /** An overlay whose device holds another node, in some way. */
  private String overlay(String name, String how) throws Exception {
    return ""
        + Files.writeString(
            folder.resolve(name + ".dtso"),
            """
            /dts-v1/;
            /plugin/;
            &{/} {
            	lr_held: lr-held { };
            	lr-holder { compatible = "test,holder"; test,holds = <&lr_held>; %s };
            };
            """
                .formatted(how));
  }

  private Child run(String overlays) throws Exception {
    List<String> words = new ArrayList<>(List.of("run", "--grace", "slow", "--only", overlays));
    words.addAll(List.of("--release", "dedicated-wq", "--fix", "wait-removal", "--cycles", "2"));
    words.addAll(List.of("--module", MODULE, "--results", "" + folder.resolve("results")));
    return Child.run(folder, List.of(), Map.of(), words);
  }

  private RunReport report() throws Exception {
    return RunReport.read(folder.resolve("results/latest/run.json"));
  }

  private static String said(CaseResult result) {
    return result.headline() + "\n" + result.detail();
  }

  @Test
  public void judgesADriverInAModuleOfTheUsers() throws Exception {
    Child child = run(overlay("good", "") + "," + overlay("keeps", "test,keeps;"));
    assertEquals(child.exit(), 1, child.err());
    List<CaseResult> cases = report().cases();
    assertEquals(cases.get(0).status(), Status.PASSED, said(cases.get(0)));
    assertTrue(
        said(cases.get(0)).contains("does not know the driver of /lr-holder (test,holder): "),
        said(cases.get(0)));
    assertEquals(cases.get(1).status(), Status.FAILED, said(cases.get(1)));
    assertTrue(said(cases.get(1)).contains("/lr-held"), said(cases.get(1)));
    assertTrue(said(cases.get(1)).contains("holder_probe"), said(cases.get(1)));
    String sha256 = report().run().provenance().get("module.test_holder");
    assertTrue(sha256 != null && sha256.matches("sha256:[0-9a-f]{64}"), "" + sha256);
    String rerun = cases.get(0).rerun();
    assertTrue(rerun.contains(" --module " + MODULE + " "), rerun);
  }

  /** Of devices without drivers it matters whether that is expected. */
  @Test
  public void tellsWhichOptionWouldBringADriver() throws Exception {
    String plain =
        "/dts-v1/;\n/plugin/;\n&{/} { lr-reboot { compatible = \"syscon-reboot\"; }; };\n";
    Path lacks = Files.writeString(folder.resolve("lacks.dtso"), plain);
    Path told =
        Files.writeString(
            folder.resolve("told.dtso"), "// lastref: expect-unbound syscon-reboot\n" + plain);
    Child child = run(lacks + "," + told);
    assertEquals(child.exit(), 3, child.err());
    CaseResult untested = report().cases().get(0);
    assertEquals(untested.verdict(), "untested", said(untested));
    assertTrue(
        said(untested)
            .contains(
                "syscon-reboot: CONFIG_POWER_RESET_SYSCON would bring a driver,"
                    + " drivers/power/reset/syscon-reboot.c\n"),
        said(untested));
    CaseResult expected = report().cases().get(1);
    assertEquals(expected.verdict(), "clean 0/1 bound", said(expected));
    assertEquals(expected.status(), Status.PASSED, said(expected));
  }

  /** It is no fault of the lab, and the next case has a board again. */
  @Test
  public void findsThatAModuleCannotBeUnloaded() throws Exception {
    Child child = run(overlay("stays", "test,stays;") + "," + overlay("good", ""));
    assertEquals(child.exit(), 1, child.err());
    List<CaseResult> cases = report().cases();
    assertEquals(cases.get(0).status(), Status.FAILED, said(cases.get(0)));
    assertTrue(
        said(cases.get(0)).contains("unload=test_holder refused Resource temporarily unavailable"),
        said(cases.get(0)));
    assertEquals(cases.get(1).status(), Status.PASSED, said(cases.get(1)));
  }
}
