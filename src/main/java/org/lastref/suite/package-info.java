/**
 * The scenarios, as data-driven TestNG tests: which overlays, policies and boards, one case each,
 * every case judged and written to the run's folder as soon as it ends. A board that fails is
 * brought back ({@code Recovery}), and it is found out whose fault that was ({@code Inquest}).
 */
@NullMarked
package org.lastref.suite;

import org.jspecify.annotations.NullMarked;
