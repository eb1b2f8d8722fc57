/**
 * What a board boots: the patched kernel and the root file system, built by the scripts in {@code
 * harness/} into the user's cache and described here.
 */
@NullMarked
package org.lastref.image;

import org.jspecify.annotations.NullMarked;
