/**
 * What is run: a suite a file, each with its exercises and cases, all found in {@code Suites}; and
 * the kinds of cases that they consist of.
 */
@NullMarked
package org.lastref.cases;

import org.jspecify.annotations.NullMarked;
