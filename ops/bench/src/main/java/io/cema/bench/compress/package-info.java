/** The command line of the compressor; the work is done in io.cema.cloud.compression. */
package io.cema.bench.compress;
