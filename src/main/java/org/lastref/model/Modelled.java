package org.lastref.model;

import org.lastref.machine.Machine;
import org.lastref.trace.Scenario;

/**
 * Something that is done on a board and what the model has to say of it.
 *
 * @param scenario what is done
 * @param machine what may come of it, its driving agent made from the scenario
 * @param reading how a trace of it is read
 */
public record Modelled(Scenario scenario, Machine machine, Reading reading) {}
