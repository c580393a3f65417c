/** Files that are either there whole or not at all, whatever kills the process, and how the disk below them is. Knows bytes, not what they mean. */
package io.cema.edge.storage;
