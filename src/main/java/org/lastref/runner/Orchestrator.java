package org.lastref.runner;

import java.lang.reflect.Method;
import java.util.List;
import org.testng.IAnnotationTransformer;
import org.testng.ISuite;
import org.testng.ISuiteListener;
import org.testng.TestNG;
import org.testng.annotations.IDataProviderAnnotation;
import org.testng.xml.XmlClass;
import org.testng.xml.XmlSuite;
import org.testng.xml.XmlTest;

/** Runs a suite in TestNG from inside this program, without TestNG's own reports. */
public final class Orchestrator {

  private Orchestrator() {}

  /** Runs every case of a run; what came of them is in the run's report. */
  public static void run(Run run) {
    XmlSuite suite = new XmlSuite();
    suite.setName("lastref");
    suite.setConfigFailurePolicy(XmlSuite.FailurePolicy.CONTINUE);
    XmlTest test = new XmlTest(suite);
    test.setName("cases");
    test.setXmlClasses(List.of(new XmlClass(TestNgCases.class)));
    TestNG testng = new TestNG(false);
    testng.setVerbose(0);
    testng.setXmlSuites(List.of(suite));
    int boards = run.plan().boards();
    if (boards > 1) {
      suite.setDataProviderThreadCount(boards);
      testng.addListener(new Shared());
    }
    testng.addListener(
        new ISuiteListener() {
          @Override
          public void onStart(ISuite started) {
            started.setAttribute(TestNgCases.RUN, run);
          }
        });
    testng.run();
  }

  /** A thread a board. */
  private static final class Shared implements IAnnotationTransformer {
    @Override
    public void transform(IDataProviderAnnotation annotation, Method method) {
      annotation.setParallel(true);
    }
  }
}
