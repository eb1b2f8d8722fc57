package org.lastref.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lastref.Recorded;
import org.lastref.fdt.OverlaySource;
import org.lastref.machine.Machine;
import org.lastref.model.Policy.Fix;
import org.lastref.model.Policy.Grace;
import org.lastref.model.Policy.Release;

/** Machines of 10^5 to 10^7 states, each of which some kernel could be. */
public enum Instance {
  /** Six consumers of one supplier. */
  FAN_OUT(Kind.OVERLAY, "fan-out", Fix.NONE, Situation.REMOVE),
  /** The same, removed by two threads at once. */
  FAN_OUT_TWICE(Kind.OVERLAY, "fan-out", Fix.NONE, Situation.TWICE),
  /** Seven devices in a row. */
  CHAIN_7(Kind.CHAIN, "7", Fix.NONE, Situation.REMOVE),
  /** Ten, where all is waited for. */
  CHAIN_10_WAIT(Kind.CHAIN, "10", Fix.WAIT_REMOVAL, Situation.REMOVE),
  /** Eight. */
  CHAIN_8(Kind.CHAIN, "8", Fix.NONE, Situation.REMOVE),
  /** Seven, and a reader of one node. */
  CHAIN_7_READ(Kind.CHAIN, "7", Fix.NONE, Situation.READ);

  private enum Kind {
    OVERLAY,
    CHAIN
  }

  private final Kind kind;
  private final String shape;
  private final Fix fix;
  private final Situation situation;

  Instance(Kind kind, String shape, Fix fix, Situation situation) {
    this.kind = kind;
    this.shape = shape;
    this.fix = fix;
    this.situation = situation;
  }

  public Machine machine() {
    AppliedOverlay population =
        kind == Kind.CHAIN ? chain(Integer.parseInt(shape)) : OverlayApplierTest.populated(shape);
    return Removal.of(population, new Policy(Release.DEDICATED_WQ, fix, Grace.ANY), situation);
  }

  /** What becomes of an overlay of clocks, each the supplier of the next. */
  static AppliedOverlay chain(int devices) {
    StringBuilder source = new StringBuilder("/dts-v1/;\n/plugin/;\n&{/} {\n");
    source.append("c0: lr-c0 { compatible = \"fixed-clock\"; #clock-cells = <0>;");
    source.append(" clock-frequency = <24000000>; };\n");
    for (int i = 1; i < devices; i++) {
      source.append(
          ("c%d: lr-c%d { compatible = \"fixed-factor-clock\"; #clock-cells = <0>;"
                  + " clocks = <&c%d>; clock-mult = <1>; clock-div = <2>; };\n")
              .formatted(i, i, i - 1));
    }
    try {
      Path file = Files.createTempFile("chain", ".dtso");
      try {
        Files.writeString(file, source.append("};\n"));
        return new OverlayApplier(Recorded.base(), Kernel.LINUX_6_1)
            .apply(OverlaySource.of(file).overlay());
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
