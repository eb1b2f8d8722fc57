package org.lastref.machine;

/**
 * What a step does to a variable.
 *
 * @param relative whether the value is added to what the variable is, or replaces it
 */
public record Effect(Variable variable, boolean relative, int value) {}
