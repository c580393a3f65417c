/** Engines timed on a GPU: the forms of a network against each other, refit against rebuild, what Java adds. */
package io.cema.bench.gpu;
