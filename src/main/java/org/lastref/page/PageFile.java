package org.lastref.page;

import java.nio.file.Path;
import java.util.function.Supplier;
import org.lastref.report.AtomicFile;
import org.lastref.report.CaseResult;
import org.lastref.report.RunReport;
import org.lastref.report.Status;
import org.lastref.trace.StoredTrace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a run's page as the run goes on, whole at any moment, and not so often that it takes more
 * than a small part of the time. Results are elsewhere: a page that cannot be made is told of and
 * ends nothing. For any thread.
 */
public final class PageFile {

  private static final Logger LOG = LoggerFactory.getLogger(PageFile.class);

  /** Of the time, what the page takes at most. */
  private static final int SHARE = 30;

  private static final long LEAST_NANOS = 5_000_000_000L;

  private final Path folder;
  private long next = System.nanoTime();

  /**
   * @param folder the run's
   */
  public PageFile(Path folder) {
    this.folder = folder;
  }

  /** Something came to the run: its page is made anew if it is old. */
  public synchronized void changed(Supplier<RunReport> report) {
    if (System.nanoTime() - next >= 0) {
      write(report.get());
    }
  }

  /** Keeps of a case that did not pass what Perfetto shows. */
  public void draw(CaseResult result) {
    String judged = result.status() == Status.FAILED ? RunPage.judged(result) : null;
    if (judged != null) {
      try {
        AtomicFile.write(
            folder.resolve(RunPage.perfetto(result)),
            PerfettoTrace.of(StoredTrace.read(folder.resolve(judged)).trace()));
      } catch (RuntimeException e) {
        LOG.warn("Of {} there is nothing for Perfetto: {}", result.id(), e.getMessage());
      }
    }
  }

  /** Makes it anew. */
  public synchronized void write(RunReport report) {
    long begin = System.nanoTime();
    try {
      AtomicFile.write(folder.resolve(RunPage.NAME), RunPage.of(report, folder));
    } catch (RuntimeException e) {
      LOG.warn("The page of {} is not as new as its results: {}", folder, e.getMessage());
    }
    long end = System.nanoTime();
    next = end + Math.max(LEAST_NANOS, SHARE * (end - begin));
  }
}
