/**
 * Observed against modelled. An exercise says what a trace is held against: a model and the checks
 * that are asked, one after the other and each for itself. Every difference becomes a finding that
 * names the event, what was seen and what was allowed. There is one way to verify, whatever was
 * done.
 */
@NullMarked
package org.lastref.verify;

import org.jspecify.annotations.NullMarked;
