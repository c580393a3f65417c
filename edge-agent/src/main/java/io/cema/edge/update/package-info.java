/** One update down: verify, fold, shadow-check, swap, roll back; the immutable ActiveModel stands here. */
package io.cema.edge.update;
