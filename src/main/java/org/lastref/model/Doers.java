package org.lastref.model;

import org.lastref.machine.Doer;

/** Who does things in the kernel, as far as a trace can tell. */
public final class Doers {

  /** The task that applies the overlay. */
  public static final Doer APPLIER = new Doer("the applier");

  /** The task that removes the overlay. */
  public static final Doer REMOVER = new Doer("the remover");

  /** The task that writes a device's name to {@code unbind} before that. */
  public static final Doer UNBINDER = new Doer("the unbinding task");

  /** A work item: of a device link, or an asynchronous call. */
  public static final Doer WORK = new Doer("a work item");

  /** An SRCU callback of a device link. */
  public static final Doer CALLBACK = new Doer("an SRCU callback");

  /** The task that loads a module. */
  public static final Doer LOADER = new Doer("the loader");

  /** The task that unloads it. */
  public static final Doer UNLOADER = new Doer("the unloader");

  /** Anybody else. */
  public static final Doer OTHER = new Doer("another task");

  private Doers() {}
}
