/**
 * What uploads really show, said by persons: labels of uploads drawn at random, and the accuracy they prove. Labels never
 * train; nothing in adaptation reads them.
 */
package io.cema.cloud.truth;
