/** Where images come from: FrameSource and its implementations. Knows pixels and pace, not models. */
package io.cema.edge.frame;
