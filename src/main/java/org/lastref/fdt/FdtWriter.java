package org.lastref.fdt;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes a devicetree as a blob of version 17, compatible with 16: Devicetree Specification 0.4,
 * chapter 5. Names stand once in the strings block, in the order of their first use.
 */
final class FdtWriter {
  private static final int MAGIC = 0xd00dfeed;
  private static final int VERSION = 17;
  private static final int COMPATIBLE = 16;
  private static final int HEADER = 40;
  private static final int RESERVATION = 16;
  private static final int BEGIN_NODE = 1;
  private static final int END_NODE = 2;
  private static final int PROP = 3;
  private static final int END = 9;

  private final ByteArrayOutputStream structure = new ByteArrayOutputStream();
  private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
  private final Map<String, Integer> offsets = new LinkedHashMap<>();

  private FdtWriter() {}

  static byte[] write(Fdt tree) {
    FdtWriter writer = new FdtWriter();
    writer.node(tree.root());
    writer.cell(END);
    return writer.blob(tree);
  }

  private byte[] blob(Fdt tree) {
    int reservations = (tree.reservations().size() + 1) * RESERVATION;
    int structStart = HEADER + reservations;
    int stringsStart = structStart + structure.size();
    ByteBuffer blob = ByteBuffer.allocate(stringsStart + strings.size());
    blob.putInt(MAGIC).putInt(blob.capacity()).putInt(structStart).putInt(stringsStart);
    blob.putInt(HEADER).putInt(VERSION).putInt(COMPATIBLE).putInt(tree.bootCpu());
    blob.putInt(strings.size()).putInt(structure.size());
    for (Reservation each : tree.reservations()) {
      blob.putLong(each.address()).putLong(each.size());
    }
    blob.putLong(0).putLong(0);
    blob.put(structure.toByteArray()).put(strings.toByteArray());
    return blob.array();
  }

  private void node(Node node) {
    cell(BEGIN_NODE);
    structure.writeBytes(terminated(node.name()));
    align();
    for (Property property : node.properties()) {
      cell(PROP);
      cell(property.length());
      cell(offset(property.name()));
      structure.writeBytes(property.value());
      align();
    }
    node.children().forEach(this::node);
    cell(END_NODE);
  }

  private int offset(String name) {
    return offsets.computeIfAbsent(
        name,
        each -> {
          int at = strings.size();
          strings.writeBytes(terminated(each));
          return at;
        });
  }

  private static byte[] terminated(String text) {
    return (text + "\0").getBytes(StandardCharsets.UTF_8);
  }

  private void cell(int value) {
    structure.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
  }

  private void align() {
    while (structure.size() % Integer.BYTES != 0) {
      structure.write(0);
    }
  }
}
