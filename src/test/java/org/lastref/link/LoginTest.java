package org.lastref.link;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullUnmarked;
import org.lastref.fault.LabFault;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Against util-linux's agetty, with a login, sudo and id that know one user each. */
@NullUnmarked
public class LoginTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String SECRET = "Kein#Geheimnis7";

  private Path folder;
  private Path log;
  private PtyBoard board;
  private Console console;

  @BeforeMethod
  public void makeTools() throws IOException {
    folder = Files.createTempDirectory("lastref-login");
    log = folder.resolve("log");
    tool(
        "login",
        """
        for user; do :; done
        [ "$user" = guest ] && exec env LASTREF_UID=1000 sh -i
        [ -e %s/echoes ] || stty -echo
        printf 'Password: '
        IFS= read -r password
        stty echo
        echo
        case "$user $password" in
          'root %s') export LASTREF_UID=0 ;;
          'pi %s') export LASTREF_UID=1000 ;;
          *) echo; echo 'Login incorrect'; exec %s ;;
        esac
        echo 'Last login: Sat Nov 21 on ttyAMA0'
        echo 'Welcome! No login: today.'
        exec sh -i
        """
            .formatted(folder, SECRET, SECRET, getty()));
    tool("id", "echo ${LASTREF_UID:-0}\n");
    tool(
        "sudo",
        """
        [ "$1 $2" = '-S -p' ] || exit 9
        if [ ! -e %s/free ]; then
          stty -echo
          printf '%%s' "$3" >&2
          IFS= read -r password
          stty echo
          [ "$password" = '%s' ] || { echo 'Sorry, try again.'; exec %s; }
        fi
        shift 3
        LASTREF_UID=0 exec "$@"
        """
            .formatted(folder, SECRET, getty()));
  }

  @AfterMethod(alwaysRun = true)
  public void clear() throws IOException {
    if (console != null) {
      console.close();
      console = null;
      board.close();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test(timeOut = 60_000)
  public void logsInAsRootPastBannersAndNeverLogsThePassword() throws IOException {
    attach(getty());
    Login.toRootShell(console, "bench", account("root", SECRET, false), LIMIT);
    checkShell();
    assertFalse(Files.readString(log).contains(SECRET));
    assertFalse(console.tail(1000).contains(SECRET));
  }

  @Test(timeOut = 60_000)
  public void hidesAPasswordThatTheBoardEchoes() throws IOException {
    Files.createFile(folder.resolve("echoes"));
    attach(getty());
    Login.toRootShell(console, "bench", account("root", SECRET, false), LIMIT);
    checkShell();
    String all = Files.readString(log);
    assertFalse(all.contains(SECRET));
    assertTrue(all.contains("*".repeat(SECRET.length())), all);
  }

  @Test(timeOut = 60_000)
  public void becomesRootBySudoWithThePassword() throws IOException {
    attach(getty());
    Login.toRootShell(console, "bench", account("pi", SECRET, true), LIMIT);
    checkShell();
    assertFalse(Files.readString(log).contains(SECRET));
  }

  @Test(timeOut = 60_000)
  public void becomesRootBySudoWithoutAPassword() throws IOException {
    Files.createFile(folder.resolve("free"));
    attach(getty());
    Login.toRootShell(console, "bench", new Login.Account("guest", null, true), LIMIT);
    checkShell();
  }

  @Test(timeOut = 60_000)
  public void saysThatThePasswordIsWrong() {
    attach(getty());
    LabFault fault =
        expectThrows(
            LabFault.class,
            () -> Login.toRootShell(console, "bench", account("root", "falsch", false), LIMIT));
    assertTrue(
        fault.getMessage().contains("does not let root log in: the password was refused 2 times"),
        fault.getMessage());
    assertFalse(fault.getMessage().contains("falsch"));
  }

  @Test(timeOut = 60_000)
  public void saysThatTheShellIsNotRoots() {
    attach(getty());
    LabFault fault =
        expectThrows(
            LabFault.class,
            () -> Login.toRootShell(console, "bench", account("pi", SECRET, false), LIMIT));
    assertTrue(fault.getMessage().contains("belongs to user 1000"), fault.getMessage());
  }

  @Test(timeOut = 60_000)
  public void saysThatSudoRefuses() {
    attach(getty());
    LabFault fault =
        expectThrows(
            LabFault.class,
            () ->
                Login.toRootShell(
                    console,
                    "bench",
                    new Login.Account("guest", () -> "falsch".toCharArray(), true),
                    LIMIT));
    assertTrue(fault.getMessage().contains("does not make guest root"), fault.getMessage());
    assertFalse(fault.getMessage().contains("falsch"));
  }

  @Test(timeOut = 60_000)
  public void saysThatAPasswordIsMissing() {
    attach(getty());
    LabFault fault =
        expectThrows(
            LabFault.class,
            () ->
                Login.toRootShell(console, "bench", new Login.Account("root", null, false), LIMIT));
    assertTrue(fault.getMessage().contains("asks for a password, but there is none"));
  }

  @Test(timeOut = 60_000)
  public void takesAShellThatIsThere() {
    attach("sh");
    Login.toRootShell(console, "bench", account("root", SECRET, false), LIMIT);
    checkShell();
    // And one whose prompt and echo an earlier run switched off.
    Login.toRootShell(console, "bench", account("root", SECRET, false), LIMIT);
    checkShell();
  }

  @Test(timeOut = 60_000)
  public void saysThatNobodyIsThere() {
    board = PtyBoard.bare();
    console = Console.attach(SerialLine.open(board.device(), 115_200), log);
    LabFault fault =
        expectThrows(
            LabFault.class,
            () ->
                Login.toRootShell(
                    console, "bench", account("root", SECRET, false), Duration.ofSeconds(1)));
    assertTrue(fault.getMessage().startsWith("bench: no shell on serial "), fault.getMessage());
  }

  @Test(timeOut = 60_000)
  public void hidesASecretThatComesInPieces() {
    Hiding hiding = new Hiding();
    hiding.hide("secret".getBytes(US_ASCII));
    String seen = "";
    for (String piece : List.of("a se", "cr", "et b ss", "ecret se", "", "c", "sec", "")) {
      seen += new String(hiding.seen(piece.getBytes(US_ASCII), piece.length()), US_ASCII);
    }
    assertEquals(seen, "a ****** b s****** sec***");
  }

  /** In one process with the logins it starts, as init would have it: each leads the session. */
  private String getty() {
    return "agetty --noclear --noissue --login-program " + folder.resolve("login") + " - linux";
  }

  private void attach(String command) {
    board = PtyBoard.withShell(command, folder.toString());
    console = Console.attach(SerialLine.open(board.device(), 115_200), log);
  }

  private void checkShell() {
    try (FramedShell shell = FramedShell.onConsole(console, "bench")) {
      assertEquals(shell.run(List.of("id", "-u"), LIMIT).output(), "0\n");
    }
  }

  private static Login.Account account(String user, String password, boolean sudo) {
    return new Login.Account(user, password::toCharArray, sudo);
  }

  private void tool(String name, String script) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
