/**
 * What adaptation gives on labelled streams: methods side by side on the same images. The product's own selection, loop,
 * gate and update path run here, on a store in memory and without a broker between them.
 */
package io.cema.bench.evaluation;
