package org.lastref.fdt;

/**
 * The header of a blob, checked: each block lies inside the blob, behind the header, and is aligned
 * as the specification asks. Offsets in bytes from the start of the blob, ends exclusive.
 */
record FdtHeader(
    int totalSize,
    int version,
    int reservations,
    int structStart,
    int structEnd,
    int stringsStart,
    int stringsEnd,
    int bootCpu) {
  private static final int MAGIC = 0xd00dfeed;
  private static final int FIRST_VERSION = 16;
  private static final int LAST_VERSION = 17;
  private static final int SIZE_V16 = 36;
  private static final int SIZE_V17 = 40;

  static FdtHeader read(FdtReader in, int length) {
    if (length < SIZE_V16) {
      throw in.fault(length, "the blob ends inside its header");
    }
    if (in.u32(0) != Integer.toUnsignedLong(MAGIC)) {
      throw in.fault(0, "0x%08x is not the devicetree magic 0x%08x".formatted(in.u32(0), MAGIC));
    }
    long version = in.u32(20);
    long compatible = in.u32(24);
    if (version < FIRST_VERSION) {
      throw in.fault(20, "version %d is older than %d".formatted(version, FIRST_VERSION));
    }
    if (compatible > LAST_VERSION || compatible > version) {
      throw in.fault(
          24,
          "version %d, compatible with %d, cannot be read as %d"
              .formatted(version, compatible, 17));
    }
    int size = version < LAST_VERSION ? SIZE_V16 : SIZE_V17;
    long total = in.u32(4);
    if (total < size) {
      throw in.fault(
          4, "a total size of %d bytes is less than the header's %d".formatted(total, size));
    }
    if (total > length) {
      throw in.fault(
          4, "the header states %d bytes, but there are only %d".formatted(total, length));
    }
    Checker check = new Checker(in, size, (int) total);
    int reservations = check.offset(16, 8, "memory reservation");
    int struct = check.offset(8, 4, "structure");
    int structEnd = version < LAST_VERSION ? (int) total : check.end(struct, 36, "structure");
    int strings = check.offset(12, 1, "strings");
    int stringsEnd = check.end(strings, 32, "strings");
    return new FdtHeader(
        (int) total,
        (int) Math.min(version, LAST_VERSION),
        reservations,
        struct,
        structEnd,
        strings,
        stringsEnd,
        (int) in.u32(28));
  }

  private record Checker(FdtReader in, int headerSize, int totalSize) {
    int offset(int field, int alignment, String block) {
      long offset = in.u32(field);
      if (offset < headerSize || offset > totalSize) {
        throw in.fault(
            field, "the %s block is to start at 0x%x, outside the blob".formatted(block, offset));
      }
      if (offset % alignment != 0) {
        throw in.fault(
            field,
            "the %s block starts at 0x%x, no multiple of %d".formatted(block, offset, alignment));
      }
      return (int) offset;
    }

    int end(int start, int field, String block) {
      long size = in.u32(field);
      if (size > totalSize - start) {
        throw in.fault(
            field,
            "the %s block of %d bytes at 0x%x ends outside the blob".formatted(block, size, start));
      }
      return start + (int) size;
    }
  }
}
