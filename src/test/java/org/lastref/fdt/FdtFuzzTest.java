package org.lastref.fdt;

import static org.testng.Assert.assertTrue;
import static org.testng.Assert.fail;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.lastref.fault.InputFault;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Whatever the bytes: a tree or a fault, nothing else. */
public class FdtFuzzTest {
  private static final long SEED = 20_240_611;
  private final Fdt base = Tools.base();
  private final Overlay nodes = Tools.overlay("nodes.dtso");

  @DataProvider
  public Object[][] blobs() throws IOException {
    byte[] virt = Tools.virt();
    return new Object[][] {
      {"base", Tools.blob("base.dts")},
      {"nodes", Tools.blob("nodes.dtso")},
      {"paths", Tools.blob("paths.dtso")},
      {"update", Tools.blob("update.dtso")},
      {"parameters", Tools.blob("parameters.dtso")},
      {"virt", Tools.compile(Tools.decompiled(virt), false)},
    };
  }

  @Test(dataProvider = "blobs")
  public void survivesAChangeOfAnyByte(String name, byte[] blob) {
    int accepted = 0;
    for (int at = 0; at < blob.length; at++) {
      int[] values = {0, 0xff, blob[at] ^ 1};
      // All three of each byte would take too long for the largest.
      for (int i = 0; i < (blob.length > 4096 ? 1 : 3); i++) {
        byte[] changed = blob.clone();
        changed[at] = (byte) values[(at + i) % 3];
        accepted += use(changed, name + ", byte " + at + " = " + changed[at]);
      }
    }
    assertTrue(accepted > 0 && accepted < 3 * blob.length, accepted + " accepted");
  }

  @Test(dataProvider = "blobs")
  public void survivesTruncationAtAnyByte(String name, byte[] blob) {
    for (int length = 0; length < blob.length; length++) {
      byte[] cut = Arrays.copyOf(blob, length);
      use(cut, name + " cut to " + length);
      if (length >= 8) {
        use(Blobs.with(cut, 4, length), name + " cut to " + length + ", and saying so");
      }
    }
  }

  @Test(dataProvider = "blobs")
  public void survivesRandomDamage(String name, byte[] blob) {
    Random random = new Random(SEED);
    for (int run = 0; run < 2_000; run++) {
      byte[] changed = blob.clone();
      for (int damage = random.nextInt(6); damage >= 0; damage--) {
        damage(changed, random);
      }
      use(changed, name + ", seed " + SEED + ", run " + run);
    }
  }

  private static void damage(byte[] blob, Random random) {
    int at = random.nextInt(blob.length);
    int length = Math.min(1 + random.nextInt(16), blob.length - at);
    switch (random.nextInt(4)) {
      case 0 -> blob[at] = (byte) random.nextInt();
      case 1 -> Arrays.fill(blob, at, at + length, (byte) random.nextInt());
      case 2 -> System.arraycopy(blob, random.nextInt(blob.length - length + 1), blob, at, length);
      default -> {
        int[] cells = {0, 1, 2, 3, 4, 9, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, blob.length};
        int cell = Math.min(at & ~3, (blob.length & ~3) - 4);
        byte[] with = Blobs.with(blob, cell, cells[random.nextInt(cells.length)]);
        System.arraycopy(with, 0, blob, 0, blob.length);
      }
    }
  }

  /**
   * Takes the blob through all that is done with one, as an overlay and as a base.
   *
   * @return 1 if it is a tree
   */
  private int use(byte[] blob, String what) {
    try {
      Fdt tree;
      try {
        tree = Fdt.parse(blob, what);
      } catch (InputFault expected) {
        return 0;
      }
      apply(() -> Overlay.of(tree), base);
      apply(() -> nodes, tree);
      if (Loader.isFor(tree)) {
        load(tree, Arrays.hashCode(blob));
      }
      return 1;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      fail(what, e);
      return 0;
    }
  }

  /** With one of its parameters, and a value that fits some of them. */
  private static void load(Fdt tree, int chance) {
    try {
      List<Loader.Setting> all = Loader.settings(tree);
      String name = all.isEmpty() ? "" : all.get(Math.floorMod(chance, all.size())).name();
      Fdt loaded = Loader.load(tree, all.isEmpty() ? Map.of() : Map.of(name, "1"));
      Overlay.of(Fdt.parse(loaded.blob(), "loaded"));
    } catch (InputFault expected) {
      // Damaged.
    }
  }

  private static void apply(Supplier<Overlay> overlay, Fdt to) {
    try {
      to.apply(overlay.get().resolve(to)).pathOf("serial0");
    } catch (InputFault expected) {
      // Damaged.
    }
  }
}
