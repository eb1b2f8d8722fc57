/**
 * The model checker, which knows no kernel: machines of agents and variables as data, a search of
 * every interleaving, and the same machine written down for Spin.
 */
@NullMarked
package org.lastref.machine;

import org.jspecify.annotations.NullMarked;
