package org.lastref.verify;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.lastref.klog.Sign;
import org.lastref.verify.UnittestLog.Check;
import org.lastref.verify.UnittestLog.Flaw;
import org.lastref.verify.UnittestLog.Remark;
import org.lastref.verify.UnittestLog.Total;

/**
 * Reads what the unittest said, line by line; used once.
 *
 * <p>What is expected is held against what is said as scripts/dtc/of_unittest_expect does it: a
 * message has to begin with the text, and satisfies one bracket. Unlike there, messages of nested
 * brackets may come in any order.
 */
final class UnittestReader {

  private static final String OURS = "### dt-test ### ";
  private static final Pattern STAMP = Pattern.compile("^\\[ *\\d+\\.\\d+\\](\\[ *[TC]\\d+\\])? ");
  private static final Pattern BRACKET = Pattern.compile("EXPECT(_NOT)? ([\\\\/]) : (.*)");
  private static final Pattern CHECK = Pattern.compile("(pass|FAIL) (\\w+)\\(\\):(\\d{1,6}) ?(.*)");
  private static final Pattern END =
      Pattern.compile("end of unittest - (\\d{1,9}) passed, (\\d{1,9}) failed");

  /** A message that is expected, or that must not come, until its bracket is closed. */
  private static final class Bracket {
    private final boolean not;
    private final String text;
    private final ExpectedText expected;
    private @Nullable String said;

    private Bracket(boolean not, String text) {
      this.not = not;
      this.text = text;
      this.expected = new ExpectedText(text);
    }
  }

  private record Pending(Flaw flaw, String text) {}

  /** The innermost first. */
  private final Deque<Bracket> open = new ArrayDeque<>();

  private final List<Check> checks = new ArrayList<>();
  private final List<Remark> remarks = new ArrayList<>();
  private final List<Pending> pending = new ArrayList<>();
  private final Set<String> reported = new HashSet<>();
  private boolean started;
  private Optional<Total> total = Optional.empty();

  UnittestLog read(List<String> lines) {
    for (String line : lines) {
      take(unstamped(line).replace("\\\\", "\\"));
      if (total.isPresent()) {
        break;
      }
    }
    open.forEach(bracket -> pending.add(new Pending(Flaw.UNCLOSED, bracket.text)));
    blame(checks.isEmpty() ? "" : checks.get(checks.size() - 1).function());
    return new UnittestLog(started, checks, remarks, total);
  }

  /** A line of a console without its time. */
  static String unstamped(String line) {
    return STAMP.matcher(line.stripTrailing()).replaceFirst("");
  }

  private void take(String line) {
    if (!line.startsWith(OURS)) {
      if (started) {
        heard(line);
      }
      return;
    }
    String ours = line.substring(OURS.length());
    Matcher bracket = BRACKET.matcher(ours);
    Matcher check = CHECK.matcher(ours);
    Matcher end = END.matcher(ours);
    if (ours.startsWith("start of unittest")) {
      started = true;
    } else if (bracket.matches()) {
      boolean not = bracket.group(1) != null;
      if (bracket.group(2).equals("/")) {
        close(not, bracket.group(3));
      } else {
        open.push(new Bracket(not, bracket.group(3)));
      }
    } else if (check.matches()) {
      boolean passed = check.group(1).equals("pass");
      int number = Integer.parseInt(check.group(3));
      checks.add(new Check(check.group(2), number, passed, check.group(4)));
      blame(check.group(2));
    } else if (end.matches()) {
      total = Optional.of(new Total(number(end, 1), number(end, 2)));
    } else {
      heard(ours);
    }
  }

  private static int number(Matcher matcher, int group) {
    return Integer.parseInt(matcher.group(group));
  }

  private void blame(String function) {
    pending.forEach(each -> remarks.add(new Remark(each.flaw(), function, each.text())));
    pending.clear();
  }

  /** A line of the kernel, or one of the unittest that tells of nothing in particular. */
  private void heard(String line) {
    boolean wanted = false;
    boolean unwanted = false;
    for (Iterator<Bracket> outermost = open.descendingIterator(); outermost.hasNext(); ) {
      Bracket bracket = outermost.next();
      boolean free = bracket.not || (bracket.said == null && !wanted);
      if (free && bracket.expected.begins(line)) {
        bracket.said = bracket.said == null ? line : bracket.said;
        wanted |= !bracket.not;
        unwanted |= bracket.not;
      }
    }
    if (!wanted && !unwanted && complains(line)) {
      pending.add(new Pending(Flaw.COMPLAINT, line));
    }
  }

  /** What comes late of a node that was reported before says nothing new. */
  private boolean complains(String line) {
    Matcher late = Sign.LATE_NODE_LEAK.matcher(line);
    if (late.find()) {
      return !reported.contains(late.group(1));
    }
    Matcher report = Sign.NODE_LEAK.matcher(line);
    if (report.find()) {
      reported.add(report.group(1));
    }
    return Sign.ofKernel(line);
  }

  private void close(boolean not, String text) {
    boolean opened = open.stream().anyMatch(each -> each.not == not && each.text.equals(text));
    if (!opened) {
      pending.add(new Pending(Flaw.UNOPENED, text));
      return;
    }
    Bracket innermost = open.pop();
    while (innermost.not != not || !innermost.text.equals(text)) {
      pending.add(new Pending(Flaw.UNCLOSED, innermost.text));
      innermost = open.pop();
    }
    if (not && innermost.said != null) {
      pending.add(new Pending(Flaw.FORBIDDEN, innermost.said));
    } else if (!not && innermost.said == null) {
      pending.add(new Pending(Flaw.MISSING, text));
    }
  }
}
