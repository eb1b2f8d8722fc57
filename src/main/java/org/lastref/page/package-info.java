/**
 * A run as a page for a browser: one file that asks nobody for anything, complete without script
 * and style sheets, as Jenkins shows it.
 */
@NullMarked
package org.lastref.page;

import org.jspecify.annotations.NullMarked;
