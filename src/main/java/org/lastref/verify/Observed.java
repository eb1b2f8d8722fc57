package org.lastref.verify;

import org.lastref.model.Label;
import org.lastref.trace.Event.At;

/**
 * An event as a step of the model.
 *
 * @param label the step
 * @param at the event
 */
public record Observed(Label label, At at) {}
