package org.lastref.model;

import java.util.ArrayList;
import java.util.List;

/** The acts of a model, as it declares them: a new one is a line there, and is read at once. */
final class Acts {

  private final List<KernelAct> all = new ArrayList<>();

  /** As {@link KernelAct#act}. */
  KernelAct act(String words, String call, Shown... shown) {
    KernelAct act = KernelAct.act(words, call, shown);
    all.add(act);
    return act;
  }

  /** Those of others that it has too. */
  Acts with(KernelAct... others) {
    all.addAll(List.of(others));
    return this;
  }

  /** For its readings. */
  Pass.Table table() {
    return Pass.Table.of(all);
  }
}
