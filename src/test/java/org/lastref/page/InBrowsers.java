package org.lastref.page;

import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.lastref.report.CaseResult;
import org.lastref.report.PlannedCase;
import org.lastref.report.RunInfo;
import org.lastref.report.RunReport;
import org.lastref.report.Status;
import org.lastref.report.Try;
import org.testng.SkipException;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/**
 * The page as Jenkins serves it, with its content security policy, in Debian's Chromium and
 * Firefox. For the nights, and where these are installed.
 */
public class InBrowsers {

  /** hudson.model.DirectoryBrowserSupport.CSP of Jenkins 2.4xx. */
  private static final String POLICY =
      "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self';";

  @SuppressWarnings("NullAway.Init")
  private HttpServer server;

  @SuppressWarnings("NullAway.Init")
  private Path folder;

  private byte[] page = {};

  @BeforeClass
  void serve() throws IOException {
    folder = Files.createTempDirectory("lastref-browser");
    page = page();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          boolean found = exchange.getRequestURI().getPath().equals("/index.html");
          exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
          exchange.getResponseHeaders().set("Content-Security-Policy", POLICY);
          exchange.sendResponseHeaders(found ? 200 : 404, found ? page.length : -1);
          if (found) {
            exchange.getResponseBody().write(page);
          }
          exchange.close();
        });
    server.start();
  }

  private static byte[] page() {
    RunInfo info =
        new RunInfo(
            "20260131-120000-qemu-virt",
            "qemu-virt",
            Instant.EPOCH,
            null,
            null,
            "ssh",
            List.of("./lastref", "run"),
            "lab",
            new TreeMap<>());
    List<CaseResult> cases = new ArrayList<>();
    for (int i = 0; i < 700; i++) {
      cases.add(
          new CaseResult(
              new PlannedCase("pair/" + i, "c", "pair " + i, new TreeMap<>(), ""),
              i == 3 ? Status.FAILED : Status.PASSED,
              new Try(
                  Instant.EPOCH, Duration.ZERO, "the verdict of " + i, "", List.of(), List.of()),
              List.of(),
              null));
    }
    return RunPage.of(
        new RunReport(RunReport.FORMAT, info, Instant.EPOCH, "all cases ran", cases), Path.of(""));
  }

  private String said(String... words) throws IOException, InterruptedException {
    Path said = folder.resolve("said");
    List<String> command = new ArrayList<>(List.of(words));
    command.add("http://127.0.0.1:%d/index.html".formatted(server.getAddress().getPort()));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
    builder.environment().put("HOME", folder.toString());
    try {
      Process browser = builder.start();
      browser.getOutputStream().close();
      assertTrue(browser.waitFor(2, TimeUnit.MINUTES), "not ended in 2 min");
    } catch (IOException e) {
      throw new SkipException(words[0] + " is not installed", e);
    }
    return Files.readString(said, StandardCharsets.ISO_8859_1);
  }

  @Test
  public void chromiumShowsAllOfItAndRefusesNothing() throws Exception {
    String said =
        said(
            "chromium",
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-logging=stderr",
            "--dump-dom");
    assertTrue(
        said.contains("the verdict of 699"), said.substring(0, Math.min(2000, said.length())));
    assertFalse(said.contains("Refused to"), said);
    assertFalse(said.contains("CONSOLE"), said);
  }

  @Test
  public void firefoxDrawsIt() throws Exception {
    Path picture = folder.resolve("picture.png");
    said("firefox-esr", "--headless", "--window-size", "1200,900", "--screenshot", "" + picture);
    assertTrue(Files.size(picture) > 20_000, "there is something to be seen");
  }

  @AfterClass(alwaysRun = true)
  void stop() throws IOException {
    server.stop(0);
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }
}
