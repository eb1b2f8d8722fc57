/**
 * Observed against modelled: a trace is followed through the reference model, and every difference
 * becomes a finding that names the event, what was seen and what was allowed.
 */
@NullMarked
package org.lastref.verify;

import org.jspecify.annotations.NullMarked;
