package org.lastref.target;

import java.util.Collection;
import java.util.List;
import org.lastref.trace.Records;

/** Watches what the kernel of a board does. Used by one thread. */
interface Watcher {

  /**
   * Begins to watch, and forgets what was to be watched before.
   *
   * @param further events beside those of references
   */
  void arm(List<Probe> further);

  /**
   * Narrows what is watched to an overlay.
   *
   * @param devices names of devices whose references are watched
   * @param baseNodes names of nodes of the base tree to watch beside all nodes of overlays
   */
  void watch(Collection<String> devices, Collection<String> baseNodes);

  /**
   * Unpacks what was watched during some steps.
   *
   * @param sent as the agent sent it
   */
  Records records(String sent);
}
