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

  private static final String MODULES = "src/test/resources/modules/";
  private static final String HOLDER = MODULES + "holder";

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

  private Child run(String module, String overlays, Map<String, String> environment)
      throws Exception {
    List<String> words = new ArrayList<>(List.of("run", "--grace", "slow", "--only", overlays));
    words.addAll(List.of("--release", "dedicated-wq", "--fix", "wait-removal", "--cycles", "2"));
    words.addAll(List.of("--module", module, "--results", "" + folder.resolve("results")));
    return Child.run(folder, List.of(), environment, words);
  }

  private RunReport report() throws Exception {
    return RunReport.read(folder.resolve("results/latest/run.json"));
  }

  private static String said(CaseResult result) {
    return result.headline() + "\n" + result.detail();
  }

  @Test
  public void judgesADriverInAModuleOfTheUsers() throws Exception {
    Child child =
        run(HOLDER, overlay("good", "") + "," + overlay("keeps", "test,keeps;"), Map.of());
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
    assertTrue(rerun.contains(" --module " + HOLDER + " "), rerun);
  }

  @Test
  public void learnsWhatADriverInAModuleDoes() throws Exception {
    String overlay = overlay("good", "");
    List<String> words =
        List.of(
            "learn",
            overlay,
            "--module",
            HOLDER,
            "--cycles",
            "2",
            "--results",
            "" + folder.resolve("results"));
    Child child = Child.run(folder, List.of(), Map.of(), words);
    assertEquals(child.exit(), 0, child.err());
    assertTrue(child.out().contains("/lr-holder (lr-holder, driver test-holder)"), child.out());
    assertTrue(
        child.out().contains("takes a reference to /lr-held, which is neither"), child.out());
    assertTrue(child.out().contains("in 2 of 2 cycles"), child.out());
    String profile = Files.readString(folder.resolve("good.drivers.yaml"));
    assertTrue(profile.contains("test,holder"), profile);
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
    Child child = run(HOLDER, lacks + "," + told, Map.of());
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
  public void namesWhoKeepsAModuleFromBeingUnloaded() throws Exception {
    Path overlay =
        Files.writeString(
            folder.resolve("keeper.dtso"),
            "/dts-v1/;\n/plugin/;\n&{/} { lr-keeper { compatible = \"test,keeper\"; }; };\n");
    Child child = run(MODULES + "keeper", overlay + ",pair", Map.of());
    assertEquals(child.exit(), 1, child.err());
    List<CaseResult> cases = report().cases();
    assertEquals(cases.get(0).status(), Status.FAILED, said(cases.get(0)));
    assertTrue(
        cases
            .get(0)
            .headline()
            .endsWith(
                "module test_keeper cannot be unloaded: 1 reference is out that no module has:"
                    + " an open file's, or one that was taken and not put;"
                    + " its drivers still have platform/test-keeper"),
        said(cases.get(0)));
    assertTrue(
        cases
            .get(0)
            .detail()
            .contains("module test_kept cannot be unloaded: it is used by module test_keeper\n"),
        said(cases.get(0)));
    assertEquals(cases.get(1).status(), Status.PASSED, said(cases.get(1)));
  }

  /** Its vermagic is right, but it needs what this kernel does not export. */
  @Test
  public void refusesAModuleThatWasBuiltForAnotherConfiguration() throws Exception {
    Path module = Files.createDirectory(folder.resolve("foreign"));
    Files.writeString(module.resolve("Kbuild"), "obj-m := foreign.o\n");
    Files.writeString(
        module.resolve("foreign.c"),
        """
        // SPDX-License-Identifier: GPL-2.0
        #include <linux/module.h>
        int not_exported(void);
        static int __init foreign_init(void)
        {
        	return not_exported();
        }
        module_init(foreign_init);
        MODULE_LICENSE("GPL");
        """);
    // Else it would not build: scripts/Makefile.modpost.
    Child child = run("" + module, "pair", Map.of("KBUILD_MODPOST_WARN", "1"));
    assertEquals(child.exit(), 2, child.err());
    assertTrue(
        child
            .err()
            .endsWith(
                "lastref: module foreign is for another kernel than this, which refuses it with"
                    + " \"No such file or directory\": foreign: Unknown symbol not_exported (err -2)\n"),
        child.err());
    assertEquals(report().cases().get(0).status(), Status.ERROR);
  }
}
