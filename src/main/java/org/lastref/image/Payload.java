package org.lastref.image;

/** What gets to a board. */
public sealed interface Payload permits Image, Guest {}
