/** The Open Inference Protocol v2 over gRPC, on the port of REST; asks the same desk. */
package io.cema.edge.serving.grpc;
