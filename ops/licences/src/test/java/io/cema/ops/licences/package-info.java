/**
 * What is delivered and under which licences: reads the bill of materials that the build makes of this module, adds the
 * packages of the operator's page, and holds both to {@code ops/licences/allowed.txt}.
 */
package io.cema.ops.licences;
