/** What a step of learning costs. */
package io.cema.bench.cost;
