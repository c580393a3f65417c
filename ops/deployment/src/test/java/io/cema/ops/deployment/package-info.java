/**
 * What operators are given, held to what the services really have: settings, ports, paths and versions in Compose, Helm
 * and the reference. Reads sources and files, starts nothing.
 */
package io.cema.ops.deployment;
