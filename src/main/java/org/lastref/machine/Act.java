package org.lastref.machine;

/** What a step does that can be seen. No two are equal: a model has one object for each of its. */
public interface Act {

  /** In words: {@code device puts node}. */
  String words();

  /** The function that is called for it, or another word for it: {@code of_node_put}. */
  String call();
}
