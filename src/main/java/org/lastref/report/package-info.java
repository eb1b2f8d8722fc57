/**
 * The folder of a run and what is written into it: {@link org.lastref.report.RunFolder} keeps
 * {@code run.json} and the JUnit XML whole at every moment, {@link org.lastref.report.VerdictTable}
 * prints the same for a terminal. All are fed plain data, and treat what a board said as hostile:
 * it is bounded, escaped, and cannot name files to a CI server.
 */
@NullMarked
package org.lastref.report;

import org.jspecify.annotations.NullMarked;
