/**
 * YAML files that people write, read into records: strictly, with file, line, field and what is
 * allowed there.
 */
@NullMarked
package org.lastref.yaml;

import org.jspecify.annotations.NullMarked;
