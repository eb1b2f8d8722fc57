package org.lastref.report;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run was made with: enough to make it again.
 *
 * @param id the name of the run's folder
 * @param board the board's name
 * @param started when the run began
 * @param revision Git revision of the harness, with {@code -dirty} if changed; null if unknown
 * @param kernel the kernel on the board; null before it is known
 * @param channel how the board was spoken to, {@code serial} or {@code ssh}; null before it is
 *     known
 * @param command the command line, a word an element
 * @param hostname the machine the harness ran on
 * @param provenance what else was there: versions of QEMU, Java and the like, by name
 */
public record RunInfo(
    String id,
    String board,
    Instant started,
    @Nullable String revision,
    @Nullable Kernel kernel,
    @Nullable String channel,
    List<String> command,
    String hostname,
    SortedMap<String, String> provenance) {

  /**
   * A kernel.
   *
   * @param release as {@code uname -r} prints it
   * @param sourceVersion version of the source package it was built from; null for a kernel that
   *     was not built here
   * @param patches what was applied to that source, in order
   * @param configSha256 hash of its {@code .config}; null if unknown
   */
  public record Kernel(
      String release,
      @Nullable String sourceVersion,
      List<Patch> patches,
      @JsonProperty("config_sha256") @Nullable String configSha256) {
    public Kernel {
      requireNonNull(release, "release");
      patches = List.copyOf(patches);
    }
  }

  /** A patch by its file's name, and the hash of what was in it. */
  public record Patch(String name, String sha256) {
    public Patch {
      requireNonNull(name, "name");
      requireNonNull(sha256, "sha256");
    }
  }

  public RunInfo {
    requireNonNull(id, "id");
    requireNonNull(board, "board");
    requireNonNull(started, "started");
    command = List.copyOf(command);
    requireNonNull(hostname, "hostname");
    provenance = PlannedCase.sortedCopy(provenance);
  }

  /** What is known of a run as it begins. */
  static RunInfo begun(String id, String board, Instant started) {
    return new RunInfo(
        id, board, started, null, null, null, List.of(), thisHost(), new TreeMap<>());
  }

  /** This machine's name, asked of the kernel: a name server may be slow to answer. */
  public static String thisHost() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }
}
