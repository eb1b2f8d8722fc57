/**
 * The scenarios, as data-driven TestNG tests: which overlays, policies and boards, one case each,
 * every case judged and written to the run's folder as soon as it ends.
 */
@NullMarked
package org.lastref.suite;

import org.jspecify.annotations.NullMarked;
