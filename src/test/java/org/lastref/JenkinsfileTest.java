package org.lastref;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.codehaus.groovy.ast.CodeVisitorSupport;
import org.codehaus.groovy.ast.builder.AstBuilder;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.MapExpression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.TupleExpression;
import org.codehaus.groovy.ast.stmt.BlockStatement;
import org.codehaus.groovy.control.CompilePhase;
import org.testng.annotations.Test;

/**
 * The Jenkinsfile is Groovy, parsed and never executed, and made of words that Jenkins knows. That
 * Jenkins' own validator takes it is not checked here: that needs a Jenkins.
 */
public class JenkinsfileTest {

  /** Sections and directives of declarative pipelines, and the steps of the plugins it names. */
  private static final Set<String> KNOWN =
      Set.of(
          "pipeline",
          "agent",
          "triggers",
          "options",
          "stages",
          "stage",
          "when",
          "steps",
          "post",
          "matrix",
          "axes",
          "axis",
          "name",
          "values",
          "label",
          "always",
          "script",
          "anyOf",
          "beforeAgent",
          "changeRequest",
          "triggeredBy",
          "cron",
          "timestamps",
          "timeout",
          "disableConcurrentBuilds",
          "buildDiscarder",
          "logRotator",
          "lock",
          "sh",
          "junit",
          "archiveArtifacts",
          "attachments",
          "unstable",
          "error");

  private static final Set<String> JUNIT =
      Set.of(
          "testResults",
          "keepProperties",
          "skipPublishingChecks",
          "stdioRetention",
          "testDataPublishers");

  /** Calls by their names, in order, and the names of the arguments of each. */
  private static final class Calls extends CodeVisitorSupport {
    private final List<String> names = new ArrayList<>();
    private final Set<String> arguments = new HashSet<>();

    @Override
    public void visitMethodCallExpression(MethodCallExpression call) {
      var name = call.getMethodAsString();
      names.add(name);
      if (call.getArguments() instanceof TupleExpression tuple) {
        tuple.getExpressions().stream()
            .filter(MapExpression.class::isInstance)
            .flatMap(map -> ((MapExpression) map).getMapEntryExpressions().stream())
            .map(entry -> name + "." + ((ConstantExpression) entry.getKeyExpression()).getText())
            .forEach(arguments::add);
      }
      super.visitMethodCallExpression(call);
    }
  }

  private static Calls calls() throws IOException {
    var source = Files.readString(Path.of("Jenkinsfile"));
    var nodes = new AstBuilder().buildFromString(CompilePhase.CONVERSION, true, source);
    var calls = new Calls();
    ((BlockStatement) nodes.get(0)).visit(calls);
    return calls;
  }

  @Test
  public void isGroovyOfWordsThatJenkinsKnows() throws IOException {
    var calls = calls();
    assertEquals(calls.names.get(0), "pipeline");
    var unknown = new HashSet<>(calls.names);
    unknown.removeAll(KNOWN);
    assertEquals(unknown, Set.of());
  }

  @Test
  public void callsItsStepsByTheirArguments() throws IOException {
    var arguments = calls().arguments;
    for (var each : arguments) {
      if (each.startsWith("junit.")) {
        assertTrue(JUNIT.contains(each.substring(6)), each);
      }
    }
    assertTrue(
        arguments.containsAll(
            List.of("lock.label", "lock.quantity", "junit.keepProperties", "timeout.unit")),
        "" + arguments);
  }
}
