/**
 * Flattened devicetrees and overlays: read from a blob nobody vouches for, resolved against a base
 * tree and merged the way the kernel does it. Knows nothing of boards; {@code dtc} is needed only
 * to compile sources.
 */
@NullMarked
package org.lastref.fdt;

import org.jspecify.annotations.NullMarked;
