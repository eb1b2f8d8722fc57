/**
 * Runs cases on boards, as TestNG's tests: each is judged and written to the run's folder as soon
 * as it ends, on a thread beside the board's ({@code Judge}), which is at the next one by then. A
 * board that fails is brought back ({@code Recovery}), and it is found out whose fault that was
 * ({@code FaultAttribution}).
 */
@NullMarked
package org.lastref.runner;

import org.jspecify.annotations.NullMarked;
