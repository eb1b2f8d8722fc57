/**
 * What Lastref does on a running board: policies, overlays in and out through configfs, and what
 * the watcher in the kernel is told to record meanwhile. Its parts on the board are the agent in
 * {@code harness/agent} and the module {@code lastref-watch}.
 */
@NullMarked
package org.lastref.target;

import org.jspecify.annotations.NullMarked;
