package org.lastref.fdt;

/**
 * Memory that the blob's header asks the kernel to leave alone.
 *
 * @param address physical, in bytes, unsigned
 * @param size in bytes, unsigned, never 0
 */
public record Reservation(long address, long size) {}
