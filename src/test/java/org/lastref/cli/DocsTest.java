package org.lastref.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What the manual says can be typed, and leads somewhere. */
public class DocsTest {

  private static final Path PROJECT = Path.of("").toAbsolutePath();
  private static final int README_BYTES = 5_000;

  /** In a block, or in a table. */
  private static final Pattern COMMAND =
      Pattern.compile("(?:^ {4}|`)(?:[^\\s=]+/)?(?:\\./)?lastref ([^`#\\n]+)", Pattern.MULTILINE);

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");

  /** The launcher's own, which no command of ours takes. */
  private static final Set<String> LAUNCHERS = Set.of("test", "bench model");

  private static List<Path> pages() throws IOException {
    List<Path> pages =
        new ArrayList<>(List.of(PROJECT.resolve("README.md"), PROJECT.resolve("CONTRIBUTING.md")));
    try (Stream<Path> files = Files.list(PROJECT.resolve("docs"))) {
      files.filter(each -> each.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    return pages;
  }

  @DataProvider
  static Object[][] commands() throws IOException {
    Set<String> all = new LinkedHashSet<>();
    for (Path page : pages()) {
      Matcher command = COMMAND.matcher(Files.readString(page));
      while (command.find()) {
        String words = command.group(1).replaceAll(" {2,}.*", "").strip();
        if (!LAUNCHERS.contains(words)) {
          all.add(words);
        }
      }
    }
    return all.stream().map(each -> new Object[] {each}).toArray(Object[][]::new);
  }

  @Test(dataProvider = "commands")
  public void aCommandOfTheManualIsOne(String words) {
    Main.commands().parseArgs(words.replace("|", " ").split(" +"));
  }

  @DataProvider
  static Object[][] withoutBoards() throws IOException {
    return Stream.of(commands())
        .filter(
            each ->
                (each[0].toString().startsWith("predict") && !each[0].toString().contains("--all"))
                    || each[0].equals("generate-completion")
                    || each[0].equals("run --help"))
        .toArray(Object[][]::new);
  }

  @Test(dataProvider = "withoutBoards")
  public void oneThatNeedsNoBoardEndsWell(String words) throws Exception {
    Path folder = Files.createTempDirectory("lastref-docs");
    try {
      Child child = Child.run(folder, words.split(" +"));
      assertEquals(child.exit(), 0, child.err());
    } finally {
      Child.delete(folder);
    }
  }

  @Test
  public void linksLeadToFiles() throws IOException {
    for (Path page : pages()) {
      Matcher link = LINK.matcher(Files.readString(page));
      while (link.find()) {
        Path target = page.resolveSibling(link.group(1));
        assertTrue(Files.exists(target), "%s: %s".formatted(page, link.group(1)));
      }
    }
  }

  @Test
  public void theReadmeIsShort() throws IOException {
    assertTrue(Files.size(PROJECT.resolve("README.md")) <= README_BYTES);
  }
}
