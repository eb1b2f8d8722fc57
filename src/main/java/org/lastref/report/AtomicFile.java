package org.lastref.report;

import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.lastref.fault.LabFault;

/** Replaces files so that a reader finds the old one or the new one, whole, whatever happens. */
public final class AtomicFile {

  /** Of 255 that a file system takes there is room left for what is put around it. */
  private static final int MAX_NAME = 150;

  private AtomicFile() {}

  /**
   * Writes beside the file, syncs and renames. Deliberately no channel: one closes itself if the
   * thread is interrupted, and the last result of an interrupted run would be lost.
   *
   * @throws LabFault if that fails; the file is then as it was
   */
  public static void write(Path file, byte[] content) {
    var beside = file.resolveSibling("." + file.getFileName() + ".tmp");
    try {
      try (var out = new FileOutputStream(beside.toFile())) {
        out.write(content);
        out.getFD().sync();
      }
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      drop(beside, e);
      throw new LabFault(
          "cannot write the results: "
              + reason(file, e)
              + ". What was written before is still whole. Make room or give another folder, then"
              + " run again.",
          e);
    }
  }

  /** A plain part of a file's name for any text, another for each. */
  static String nameFor(String text) {
    var plain = URLEncoder.encode(text, StandardCharsets.UTF_8);
    return plain.length() <= MAX_NAME
        ? plain
        : plain.substring(0, MAX_NAME)
            + "-"
            + UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_16));
  }

  private static void drop(Path file, IOException cause) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /** File and reason in words; Java's messages often are the file's name alone. */
  static String reason(Path file, IOException e) {
    String why = e.getMessage();
    if (e instanceof FileNotFoundException && why != null && why.endsWith(")")) {
      // "path (reason)", from a stream.
      why = why.substring(why.lastIndexOf('(') + 1, why.length() - 1);
    } else if (e instanceof NoSuchFileException) {
      why = "no such file or folder";
    } else if (e instanceof AccessDeniedException) {
      why = "permission denied";
    } else if (e instanceof FileAlreadyExistsException || e instanceof NotDirectoryException) {
      why = "there is a file where a folder is needed";
    } else if (e instanceof FileSystemException f && f.getReason() != null) {
      why = f.getReason();
    }
    return file + ": " + why;
  }
}
