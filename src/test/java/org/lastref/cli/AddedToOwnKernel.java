package org.lastref.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.lastref.report.CaseResult;
import org.lastref.report.Status;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/**
 * A patch, an option and a module of the user's own at once, over the serial console. For the
 * nights, as that kernel takes minutes: {@code mvn -Dit.test=AddedToOwnKernel verify}.
 */
@SuppressWarnings("NullAway.Init")
public class AddedToOwnKernel {

  private Watched runs;

  @BeforeMethod
  void open() throws Exception {
    runs = Watched.open();
  }

  @AfterMethod(alwaysRun = true)
  void close() throws Exception {
    runs.close();
  }

  private Path file(String name, String text) throws Exception {
    return Files.writeString(runs.folder().resolve(name), text);
  }

  @Test
  public void allOfItIsInEffectOnTheBoard() throws Exception {
    Path config = file("pwm.config", "# a cheap one\nCONFIG_PWM=y\nCONFIG_PWM_CLK=y\n");
    Path option =
        file(
            "option.dtso",
            """
            /dts-v1/;
            /plugin/;
            &{/} {
            	lr_osc: lr-osc {
            		compatible = "fixed-clock";
            		#clock-cells = <0>;
            		clock-frequency = <1000000>;
            	};
            	lr-pwm { compatible = "clk-pwm"; #pwm-cells = <2>; clocks = <&lr_osc>; };
            };
            """);
    Path module =
        file(
            "module.dtso",
            """
            /dts-v1/;
            /plugin/;
            &{/} {
            	lr_held: lr-held { };
            	lr-holder { compatible = "test,holder"; test,holds = <&lr_held>; };
            };
            """);
    List<String> words =
        List.of(
            "run",
            // What the patch is made for.
            "--kernel",
            "6.1",
            "--patch",
            "src/test/resources/patches/release-at-once.patch",
            "--config",
            "" + config,
            "--module",
            "src/test/resources/modules/holder",
            "--via",
            "serial",
            "--only",
            option + "," + module,
            "--grace",
            "slow",
            "--results",
            "" + runs.results());
    Process harness = runs.start(words);
    assertTrue(harness.waitFor(40, TimeUnit.MINUTES), runs.said());
    assertEquals(harness.exitValue(), 0, runs.said());
    for (CaseResult each : runs.cases()) {
      assertEquals(each.status(), Status.PASSED, each.headline());
      assertEquals(each.verdict(), "clean", each.headline());
    }
  }
}
