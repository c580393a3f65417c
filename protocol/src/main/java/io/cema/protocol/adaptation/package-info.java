/**
 * What an update makes of a model: one affine for all frames, or several with a choice by look, and their compact form on
 * the link.
 */
package io.cema.protocol.adaptation;
