package org.lastref.model;

import org.lastref.machine.Label;
import org.lastref.trace.Event.At;

/**
 * An event as a step of a model.
 *
 * @param label the step
 * @param at the event
 */
public record Observed(Label label, At at) {}
