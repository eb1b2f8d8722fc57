/**
 * What Lastref does on a running board: probes, policies, overlays in and out through configfs, and
 * the trace of it. Its part on the board is {@code agent.sh}; one call of it is one round trip.
 */
@NullMarked
package org.lastref.target;

import org.jspecify.annotations.NullMarked;
