/**
 * The reference model: what an overlay becomes on a kernel, which references are held on its nodes
 * and by whom, and every way in which removing it may go, computed from the blob, the base tree, a
 * table of drivers and the kernel's policy. Modelled on Linux 6.1.192; each rule names its
 * function.
 */
@NullMarked
package org.lastref.model;

import org.jspecify.annotations.NullMarked;
