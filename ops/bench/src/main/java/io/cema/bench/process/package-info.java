/** What processes under measurement hold and use. */
package io.cema.bench.process;
