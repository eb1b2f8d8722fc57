package org.lastref.report;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lastref.trace.Instruction;
import org.lastref.trace.Verb;
import org.lastref.verify.Explanation;
import org.lastref.verify.Finding;
import org.lastref.verify.Holding;
import org.lastref.verify.KeptModule;

/** What was found out of a case, in sentences. */
final class CaseText {

  private static final int MAX_FINDINGS = 10;

  private CaseText() {}

  /** The headline of a case that is as modelled. */
  static String asModelled(Facts facts) {
    CaseWord word = facts.word();
    Cycles cycles = facts.cycles();
    Long micros = cycles.unbinding();
    String unbinding = micros == null ? "" : "; unbinding took %.1f ms".formatted(micros / 1e3);
    if (word.kind() == CaseWord.Kind.CLEAN) {
      return "clean, as modelled" + unbinding;
    }
    String leaked = String.join(" ", cycles.leaked());
    return "%s as modelled in %d of %d cycles: %s%s"
        .formatted(
            leaked.isEmpty() ? "breaks its promise" : word.kind(),
            word.in(),
            word.of(),
            Stream.concat(Stream.of(leaked), cycles.broken().stream())
                .filter(each -> !each.isEmpty())
                .collect(Collectors.joining("; ")),
            unbinding);
  }

  /** The detail of one whose last cycle differs: the rest is {@code explain}'s to tell. */
  static String whyDiffers(Explanation explanation, List<Finding> findings, String explain) {
    StringBuilder why = new StringBuilder();
    if (explanation.divergence() != null) {
      why.append("because ").append(explanation.divergence().because()).append('\n');
    }
    explanation.repairs().stream()
        .findFirst()
        .ifPresent(
            repair ->
                why.append("it would conform otherwise: " + HolderText.sentence(repair) + "\n"));
    why.append(why(explain));
    findings.stream().limit(MAX_FINDINGS).skip(1).forEach(each -> sentence(why, each));
    if (findings.size() > MAX_FINDINGS) {
      why.append("and %d more\n".formatted(findings.size() - MAX_FINDINGS));
    }
    return why.toString();
  }

  /** Who holds what is out, or nothing. */
  static String holders(List<Holding> holdings) {
    return HolderText.lines(holdings).stream()
        .map(line -> line + "\n")
        .collect(Collectors.joining());
  }

  /** Who keeps which module from being unloaded, or nothing. */
  static String kept(List<KeptModule> kept) {
    return kept.stream().map(each -> KeptText.sentence(each) + "\n").collect(Collectors.joining());
  }

  /** What is wrong: who holds something says more than that it is held. */
  static String headline(Finding first, List<Holding> holdings, List<KeptModule> kept) {
    return switch (first.type()) {
      case BALANCE ->
          holdings.stream()
              .filter(Holding::isLost)
              .findFirst()
              .map(HolderText::sentence)
              .orElseGet(first::sentence);
      case RESULT ->
          kept.stream()
              .filter(each -> first.object().replace('-', '_').equals(unloading(each)))
              .findFirst()
              .map(KeptText::sentence)
              .orElseGet(first::sentence);
      case STANDS, WAITS ->
          "%s does not end: %s%s"
              .formatted(
                  first.object(),
                  first.seen(),
                  holdings.isEmpty()
                      ? ""
                      : ", which is held: "
                          + holdings.stream()
                              .map(HolderText::who)
                              .distinct()
                              .collect(Collectors.joining("; ")));
      case LEFT -> first.object() + " is left, and no reference holds it";
      default -> first.sentence();
    };
  }

  private static String unloading(KeptModule kept) {
    return Instruction.to(Verb.UNLOAD, kept.name()).step();
  }

  /** The detail of one that was held to its promise. */
  static String likeness(
      @Nullable Likeness likeness, List<KeptModule> kept, List<Finding> worse, String explain) {
    StringBuilder detail = new StringBuilder(kept(kept));
    if (likeness == null) {
      detail.append("that is no device link's doing");
      detail.append(kept.isEmpty() ? ", and keeps them from going as they would\n" : "\n");
      detail.append(why(explain));
    } else {
      likeness(likeness, detail, explain);
    }
    worse.stream().limit(MAX_FINDINGS).forEach(each -> sentence(detail, each));
    return detail.toString();
  }

  private static void likeness(Likeness likeness, StringBuilder detail, String explain) {
    detail.append(likeness.describe()).append('\n');
    Likeness.@Nullable Nearest nearest = likeness.nearest();
    if (nearest != null) {
      detail.append(nearest.sentence());
      detail.append(nearest.because() == null ? "" : "\nbecause " + nearest.because());
      detail.append("\nwhy: ").append(explain).append('\n');
    }
  }

  /** The command that explains more. */
  static String why(String explain) {
    return "why: " + explain + "\n";
  }

  /** Findings, a line each. */
  static String sentences(List<Finding> findings) {
    StringBuilder lines = new StringBuilder();
    findings.stream().limit(MAX_FINDINGS).forEach(each -> sentence(lines, each));
    return lines.toString();
  }

  private static void sentence(StringBuilder out, Finding finding) {
    out.append(finding.sentence()).append('\n');
  }
}
