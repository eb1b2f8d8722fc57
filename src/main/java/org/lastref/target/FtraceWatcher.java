package org.lastref.target;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.lastref.fault.LabFault;
import org.lastref.image.KernelBuild;
import org.lastref.trace.FtraceText;
import org.lastref.trace.Records;

/** Watches by kprobe events of ftrace, {@link Probes}; they come as text, gzip, Base64. */
final class FtraceWatcher implements Watcher {

  /** A trace unpacks to no more than this, in bytes. */
  private static final int MAX_TRACE = 64 << 20;

  /** Arming a kernel that delays releases waits until those of its boot are over. */
  private static final Duration LONG = Duration.ofMinutes(2);

  private final Agent agent;
  private final KernelBuild kernel;
  private final Probes probes;

  FtraceWatcher(Agent agent, KernelBuild kernel) {
    this.agent = agent;
    this.kernel = kernel;
    probes = new Probes(kernel);
  }

  @Override
  public void arm(List<Probe> further) {
    StringBuilder lines = new StringBuilder(probes.lines());
    further.forEach(probe -> lines.append(probe.line()).append('\n'));
    agent.upload(lines.toString().getBytes(StandardCharsets.UTF_8), "probes");
    agent.call(
        kernel.provenance().own() ? List.of("arm", "own") : List.of("arm"),
        kernel.delaysReleases() ? LONG : Agent.SHORT);
  }

  @Override
  public void watch(Collection<String> devices, Collection<String> baseNodes) {
    String nodes = probes.nodeFilter(baseNodes);
    String of = probes.deviceFilter(devices);
    agent.call(List.of("watch", nodes, of), Agent.SHORT);
  }

  @Override
  public Records records(String packed) {
    try (InputStream in =
        new GZIPInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(packed)))) {
      byte[] text = in.readNBytes(MAX_TRACE + 1);
      if (text.length > MAX_TRACE) {
        throw new LabFault("the trace is larger than %d MiB".formatted(MAX_TRACE >> 20));
      }
      // Names in it may be any bytes.
      return new FtraceText(new String(text, StandardCharsets.ISO_8859_1));
    } catch (IOException | IllegalArgumentException e) {
      throw new LabFault("the trace that the board sent cannot be unpacked: " + e.getMessage(), e);
    }
  }
}
