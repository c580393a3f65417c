package io.cema.edge.serving.grpc;

import io.cema.edge.serving.grpc.message.GRPCInferenceServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Answers calls of methods that the inference service has elsewhere, such as those of Triton's extensions, with UNIMPLEMENTED.
 * The gRPC server alone would answer 500 without a word, which clients report as UNKNOWN. Event loops; does not block.
 */
@ApplicationScoped
class UnknownMethods {
    /** Before the gRPC server, which takes every request of its type. */
    private static final int PRIORITY = 500;

    private static final String SERVICE = "/" + GRPCInferenceServiceGrpc.SERVICE_NAME + "/";
    private static final Set<String> KNOWN = GRPCInferenceServiceGrpc.getServiceDescriptor().getMethods().stream()
            .map(MethodDescriptor::getFullMethodName)
            .map(name -> "/" + name)
            .collect(Collectors.toUnmodifiableSet());

    void register(@Observes Filters filters) {
        filters.register(UnknownMethods::pass, PRIORITY);
    }

    private static void pass(RoutingContext context) {
        String path = context.request().path();
        if (!path.startsWith(SERVICE) || KNOWN.contains(path)) {
            context.next();
            return;
        }
        context.response()
                .putHeader("content-type", "application/grpc")
                .putHeader("grpc-status", Integer.toString(Status.Code.UNIMPLEMENTED.value()))
                .putHeader("grpc-message", "this agent has no method " + path.substring(SERVICE.length()))
                .end();
        context.request().resume();
    }
}
