/**
 * The way to a board: a {@link org.lastref.link.Line} carries bytes (a serial port, a shell over
 * SSH), the console reader never stops reading one, and {@link org.lastref.link.Shell} runs framed
 * commands over it, one round trip each.
 */
@NullMarked
package org.lastref.link;

import org.jspecify.annotations.NullMarked;
