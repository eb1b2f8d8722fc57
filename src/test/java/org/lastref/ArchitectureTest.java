package org.lastref;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Which package knows which. */
public class ArchitectureTest {

  /** Each knows only those after it. */
  private static final List<String> PACKAGES =
      List.of(
          "cli", "lab", "cases", "runner", "target", "page", "offline", "report", "verify", "model",
          "trace", "machine", "board", "image", "link", "fdt", "klog", "yaml", "fault");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(location -> !location.contains("test-classes"))
          .importPackages("org.lastref");

  @DataProvider
  public Object[][] lowerPackages() {
    return PACKAGES.stream().skip(1).map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  @Test(dataProvider = "lowerPackages")
  public void knowsNoPackageAboveIt(String name) {
    List<String> above = PACKAGES.subList(0, PACKAGES.indexOf(name));
    noClasses()
        .that()
        .resideInAPackage(inFull(name))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(inFull(above))
        .check(CLASSES);
  }

  @Test
  public void everyPackageHasItsPlace() {
    noClasses().should().resideOutsideOfPackages(inFull(PACKAGES)).check(CLASSES);
  }

  @DataProvider
  public Object[][] judgingPackages() {
    return new Object[][] {
      {"offline"}, {"verify"}, {"model"}, {"trace"}, {"machine"}, {"fdt"}, {"klog"}
    };
  }

  /** So that stored traces can be judged anywhere. */
  @Test(dataProvider = "judgingPackages")
  public void knowsNothingOfBoards(String name) {
    noClasses()
        .that()
        .resideInAPackage(inFull(name))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(inFull(List.of("board", "link", "target", "image")))
        .check(CLASSES);
  }

  /** The model checker is of no kernel. */
  @Test
  public void theMachineKnowsNoKernel() {
    noClasses()
        .that()
        .resideInAPackage(inFull("machine"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(inFull(List.of("trace", "fdt", "klog")))
        .check(CLASSES);
  }

  @Test
  public void onlyTheCommandLineEndsTheProgram() {
    noClasses()
        .that()
        .resideOutsideOfPackage(inFull("cli"))
        .should()
        .callMethod(System.class, "exit", int.class)
        .check(CLASSES);
  }

  @Test
  public void onlyTheCommandLinePrints() {
    noClasses()
        .that()
        .resideOutsideOfPackage(inFull("cli"))
        .should()
        .accessField(System.class, "out")
        .check(CLASSES);
  }

  private static String inFull(String name) {
    return "org.lastref." + name + "..";
  }

  private static String[] inFull(List<String> names) {
    return names.stream().map(ArchitectureTest::inFull).toArray(String[]::new);
  }
}
