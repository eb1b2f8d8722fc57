package org.lastref.offline;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.lastref.Recorded;
import org.lastref.model.Kernel;
import org.lastref.model.Situation;
import org.lastref.report.CaseName;
import org.lastref.report.CaseResult;
import org.lastref.report.PlannedCase;
import org.lastref.report.RunFolder;
import org.lastref.report.RunInfo;
import org.lastref.trace.Blob;
import org.lastref.trace.FtraceText;
import org.lastref.trace.StoredTrace;
import org.lastref.trace.TraceHeader;
import org.lastref.trace.TraceHeader.Layer;
import org.lastref.trace.TraceReader;
import org.lastref.verify.OverlayRemoval;
import org.lastref.verify.Verdict;
import org.lastref.verify.Verifier;

/** Recorded traces kept as a run keeps them. */
public final class StoredRun {

  private static final Blob BASE = Blob.of(Recorded.baseBlob());

  private StoredRun() {}

  /** The header with which a run would keep a recorded trace. */
  static TraceHeader header(Recorded recorded, int cycle) {
    RunInfo info =
        new RunInfo(
            "id",
            "qemu-virt",
            Instant.EPOCH,
            "0123456789ab-dirty",
            new RunInfo.Kernel(
                "6.1.192",
                "linux-source-6.1 6.1.192-2",
                List.of(new RunInfo.Patch("0001-a.patch", "00ff")),
                null),
            "ssh",
            List.of(),
            "host",
            new TreeMap<>());
    List<Layer> layers =
        Recorded.shape(recorded.shape()).stack().stream()
            .map(each -> new Layer(each.name(), Blob.of(each.blob())))
            .toList();
    return TraceHeaders.header(info, Kernel.LINUX_6_1, layers, BASE, recorded.removal(), cycle);
  }

  /** Makes a run's folder with a case for each of these, of two cycles. */
  public static Path make(Path root, List<Recorded> all) {
    RunFolder folder = RunFolder.create(root, "qemu-virt", Instant.now());
    for (Recorded recorded : all) {
      OverlayRemoval removal = recorded.removal();
      CaseName name = CaseName.of(recorded.shape(), recorded.policy(), Situation.REMOVE, false);
      List<String> attachments = new ArrayList<>();
      List<Verdict> verdicts = new ArrayList<>();
      for (int cycle = 1; cycle <= 2; cycle++) {
        Path file = folder.traces().resolve(recorded.name() + "-" + cycle + ".trace.gz");
        write(file, header(recorded, cycle), recorded.text());
        attachments.add(folder.path().relativize(file).toString());
        verdicts.add(Verifier.judge(removal.exercise(), TraceReader.read(recorded.text(), "run")));
      }
      CaseResult result =
          ModelOracle.of(removal)
              .outcome(verdicts, recorded.trace(), "")
              .result(
                  new PlannedCase(
                      name.id(), "qemu-virt.ssh.devlink", name.title(), name.properties(), ""),
                  Instant.now(),
                  Duration.ZERO,
                  verdicts,
                  List.of(),
                  attachments);
      folder.addCase(result);
    }
    folder.close("all cases ran");
    return folder.path();
  }

  static void write(Path file, TraceHeader header, String text) {
    try (OutputStream out = Files.newOutputStream(file)) {
      StoredTrace.write(out, header, new FtraceText(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The JSON of a header, as a file has it. */
  static String json(TraceHeader header) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      StoredTrace.write(out, header, new FtraceText(""));
      try (var in =
          new java.util.zip.GZIPInputStream(new java.io.ByteArrayInputStream(out.toByteArray()))) {
        String text = new String(in.readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);
        return text.lines().skip(1).findFirst().orElseThrow().substring(2);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
