/**
 * The way to PostgreSQL: migrations with patience at start, and transactions bound to a tenant so that row-level
 * security applies. No feature opens a connection elsewhere.
 */
package io.cema.cloud.persistence;
