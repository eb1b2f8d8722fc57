/** A board on the bench that is none: QEMU behind a serial line, power switch and boot server. */
@NullMarked
package org.lastref.rig;

import org.jspecify.annotations.NullMarked;
