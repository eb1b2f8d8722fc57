package org.lastref.fdt;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.lastref.fault.InputFault;

/**
 * Reads one blob, after the Devicetree Specification 0.4, chapter 5. It refuses what {@code
 * fdt_check_header()} of {@code scripts/dtc/libfdt} in Linux 6.1.192 refuses, and also what that
 * leaves to chance: blocks that overlap, nodes and properties that appear twice, names no path can
 * contain.
 */
final class FdtReader {
  private static final int BEGIN_NODE = 1;
  private static final int END_NODE = 2;
  private static final int PROP = 3;
  private static final int NOP = 4;
  private static final int END = 9;

  /** {@code NAME_MAX}: the kernel shows each node and property as a file. */
  private static final int MAX_NAME = 255;

  private final byte[] bytes;
  private final ByteBuffer blob;
  private final String name;

  /** The next byte of the structure block, and where that block and the strings end. */
  private int position;

  private int structEnd;
  private int stringsStart;
  private int stringsEnd;
  private int nodes;

  FdtReader(byte[] bytes, String name) {
    this.bytes = bytes;
    this.blob = ByteBuffer.wrap(bytes);
    this.name = name;
  }

  Fdt read() {
    if (bytes.length > Fdt.MAX_SIZE) {
      throw fault(
          Fdt.MAX_SIZE, "the blob is larger than the limit of %d bytes".formatted(Fdt.MAX_SIZE));
    }
    FdtHeader header = FdtHeader.read(this, bytes.length);
    List<Reservation> reservations = new ArrayList<>();
    int reservationsEnd = reservations(header, reservations);
    position = header.structStart();
    structEnd = header.structEnd();
    stringsStart = header.stringsStart();
    stringsEnd = header.stringsEnd();
    Node root = tree();
    Block reserved = new Block("memory reservation", header.reservations(), reservationsEnd);
    // Before version 17 the header does not say where the structure ends.
    Block struct =
        new Block("structure", header.structStart(), header.version() < 17 ? position : structEnd);
    Block strings = new Block("strings", stringsStart, stringsEnd);
    disjoint(reserved, struct);
    disjoint(reserved, strings);
    disjoint(struct, strings);
    return new Fdt(name, header.bootCpu(), reservations, root);
  }

  long u32(int at) {
    return Integer.toUnsignedLong(blob.getInt(at));
  }

  InputFault fault(int at, String wrong) {
    return new InputFault("devicetree blob %s, byte 0x%x: %s".formatted(name, at, wrong));
  }

  private int reservations(FdtHeader header, List<Reservation> into) {
    int at = header.reservations();
    while (true) {
      if (at > header.totalSize() - 16) {
        throw fault(at, "the blob ends inside the memory reservations");
      }
      long address = blob.getLong(at);
      long size = blob.getLong(at + 8);
      if (size == 0) {
        // fdt_num_mem_rsv() looks at nothing but the size, too.
        return at + 16;
      }
      if (Long.compareUnsigned(address + size - 1, address) < 0) {
        throw fault(at, "reserved memory goes past the end of 64-bit addresses");
      }
      into.add(new Reservation(address, size));
      at += 16;
    }
  }

  private record Block(String what, int start, int end) {}

  private void disjoint(Block a, Block b) {
    int start = Math.max(a.start, b.start);
    if (start < Math.min(a.end, b.end)) {
      throw fault(start, "the %s and %s blocks overlap".formatted(a.what, b.what));
    }
  }

  private Node tree() {
    int at = position;
    int token = tokenAfterNops();
    if (token != BEGIN_NODE) {
      throw fault(at, "token %d where the root node must begin".formatted(token));
    }
    Node root = node(1);
    at = position;
    token = tokenAfterNops();
    if (token != END) {
      throw fault(at, "token %d after the root node, where the tree must end".formatted(token));
    }
    return root;
  }

  private int tokenAfterNops() {
    int token;
    do {
      token = token();
    } while (token == NOP);
    return token;
  }

  private int token() {
    return cell("a token");
  }

  private int cell(String what) {
    if (structEnd - position < Integer.BYTES) {
      throw fault(position, "the structure block ends where %s is due".formatted(what));
    }
    int cell = blob.getInt(position);
    position += Integer.BYTES;
    return cell;
  }

  /** Reads on from behind the token that begins the node. */
  private Node node(int depth) {
    int start = position - Integer.BYTES;
    if (depth > Fdt.MAX_DEPTH) {
      throw fault(start, "nodes are nested deeper than %d".formatted(Fdt.MAX_DEPTH));
    }
    if (++nodes > Fdt.MAX_NODES) {
      throw fault(start, "more than %d nodes".formatted(Fdt.MAX_NODES));
    }
    String nodeName = nodeName(depth == 1);
    List<Property> properties = new ArrayList<>();
    List<Node> children = new ArrayList<>();
    Set<String> propertyNames = new HashSet<>();
    Set<String> childNames = new HashSet<>();
    while (true) {
      int at = position;
      int token = token();
      switch (token) {
        case NOP -> {}
        case PROP -> {
          if (!children.isEmpty()) {
            throw fault(at, "a property after the subnodes of node '%s'".formatted(nodeName));
          }
          Property property = property();
          if (!propertyNames.add(property.name())) {
            throw fault(
                at, "node '%s' has property '%s' twice".formatted(nodeName, property.name()));
          }
          properties.add(property);
        }
        case BEGIN_NODE -> {
          Node child = node(depth + 1);
          if (!childNames.add(child.name())) {
            throw fault(at, "node '%s' has node '%s' twice".formatted(nodeName, child.name()));
          }
          children.add(child);
        }
        case END_NODE -> {
          return new Node(nodeName, properties, children);
        }
        case END -> throw fault(at, "the tree ends inside node '%s'".formatted(nodeName));
        default -> throw fault(at, "unknown token 0x%x in node '%s'".formatted(token, nodeName));
      }
    }
  }

  private String nodeName(boolean root) {
    int at = position;
    String nodeName = name(at, structEnd, "node");
    position = aligned(at + nodeName.length() + 1);
    if (root != nodeName.isEmpty()) {
      throw fault(at, root ? "the root node has a name" : "a node below the root has no name");
    }
    // Paths end up below /proc/device-tree.
    if (nodeName.equals(".") || nodeName.equals("..")) {
      throw fault(at, "'%s' is no name for a node".formatted(nodeName));
    }
    return nodeName;
  }

  private Property property() {
    int at = position;
    long length = Integer.toUnsignedLong(cell("the length of a property"));
    long nameOffset = Integer.toUnsignedLong(cell("the name of a property"));
    if (length > structEnd - position) {
      throw fault(at, "a property of %d bytes does not fit the structure block".formatted(length));
    }
    if (nameOffset >= stringsEnd - stringsStart) {
      throw fault(
          at + 4, "property name offset 0x%x is outside the strings block".formatted(nameOffset));
    }
    int nameAt = stringsStart + (int) nameOffset;
    String propertyName = name(nameAt, stringsEnd, "property");
    if (propertyName.isEmpty()) {
      throw fault(nameAt, "a property has no name");
    }
    int end = position + (int) length;
    Property property = Property.of(propertyName, Arrays.copyOfRange(bytes, position, end));
    position = aligned(end);
    return property;
  }

  private String name(int at, int blockEnd, String of) {
    int end = at;
    while (true) {
      if (end >= blockEnd) {
        throw fault(at, "the name of a %s does not end inside its block".formatted(of));
      }
      byte b = bytes[end];
      if (b == 0) {
        return new String(bytes, at, end - at, StandardCharsets.US_ASCII);
      }
      if (b <= ' ' || b > '~' || b == '/' || b == ':') {
        throw fault(end, "the name of a %s contains the byte 0x%02x".formatted(of, b));
      }
      if (++end - at > MAX_NAME) {
        throw fault(at, "the name of a %s is longer than %d bytes".formatted(of, MAX_NAME));
      }
    }
  }

  private static int aligned(int at) {
    return (at + 3) & ~3;
  }
}
