/**
 * What Lastref does on a running board: policies, overlays in and out through configfs, and a
 * watcher of what the kernel does meanwhile. Its part on the board is {@code agent.sh}; one call of
 * it is one round trip.
 */
@NullMarked
package org.lastref.target;

import org.jspecify.annotations.NullMarked;
