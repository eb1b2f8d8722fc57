/**
 * What a kernel's log says that matters for a verdict: the lines by which its faults are known, the
 * splats they belong to, and what a step expects of them. Knows nothing of boards and reads lines
 * from wherever they come; no threads, no files.
 */
@NullMarked
package org.lastref.klog;

import org.jspecify.annotations.NullMarked;
