/**
 * The reference model: what an overlay becomes on a kernel, which references are held on its nodes
 * and by whom, and every way in which removing it, and other things that are done, may go. A model
 * owns its acts, and each says how it shows in a trace. What several models need of the kernel is
 * in {@code OfCore} and {@code DriverCore}, what differs between kernels in {@code Kernel}, {@code
 * Functions} and the tables that ask for symbols.
 */
@NullMarked
package org.lastref.model;

import org.jspecify.annotations.NullMarked;
