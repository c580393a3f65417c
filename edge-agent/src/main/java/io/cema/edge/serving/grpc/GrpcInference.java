package io.cema.edge.serving.grpc;

import io.cema.edge.inference.InferenceException;
import io.cema.edge.serving.Admission;
import io.cema.edge.serving.InferenceCall;
import io.cema.edge.serving.InferenceDesk;
import io.cema.edge.serving.InferenceRequestException;
import io.cema.edge.serving.ModelSignature;
import io.cema.edge.serving.ServerIdentity;
import io.cema.edge.serving.grpc.message.GRPCInferenceService;
import io.cema.edge.serving.grpc.message.ModelInferRequest;
import io.cema.edge.serving.grpc.message.ModelInferResponse;
import io.cema.edge.serving.grpc.message.ModelMetadataRequest;
import io.cema.edge.serving.grpc.message.ModelMetadataResponse;
import io.cema.edge.serving.grpc.message.ModelMetadataResponse.TensorMetadata;
import io.cema.edge.serving.grpc.message.ModelReadyRequest;
import io.cema.edge.serving.grpc.message.ModelReadyResponse;
import io.cema.edge.serving.grpc.message.ServerLiveRequest;
import io.cema.edge.serving.grpc.message.ServerLiveResponse;
import io.cema.edge.serving.grpc.message.ServerMetadataRequest;
import io.cema.edge.serving.grpc.message.ServerMetadataResponse;
import io.cema.edge.serving.grpc.message.ServerReadyRequest;
import io.cema.edge.serving.grpc.message.ServerReadyResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.quarkus.grpc.GrpcService;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import java.util.List;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** The service of the Open Inference Protocol. Called on event loops; tensors are read on worker threads. */
@GrpcService
class GrpcInference implements GRPCInferenceService {
    private static final Logger LOG = Logger.getLogger(GrpcInference.class);

    private final InferenceDesk desk;
    private final Admission admission;

    GrpcInference(InferenceDesk desk, Admission admission) {
        this.desk = desk;
        this.admission = admission;
    }

    @Override
    public Uni<ServerLiveResponse> serverLive(ServerLiveRequest request) {
        return Uni.createFrom()
                .item(ServerLiveResponse.newBuilder().setLive(true).build());
    }

    @Override
    public Uni<ServerReadyResponse> serverReady(ServerReadyRequest request) {
        return Uni.createFrom()
                .item(ServerReadyResponse.newBuilder().setReady(desk.ready()).build());
    }

    /** Not ready while there is no model at all; an error if there is another one. */
    @Override
    public Uni<ModelReadyResponse> modelReady(ModelReadyRequest request) {
        return answer(() -> {
            boolean ready = desk.ready();
            if (ready) {
                desk.describe(request.getName(), request.getVersion());
            }
            return ModelReadyResponse.newBuilder().setReady(ready).build();
        });
    }

    @Override
    public Uni<ServerMetadataResponse> serverMetadata(ServerMetadataRequest request) {
        return Uni.createFrom()
                .item(ServerMetadataResponse.newBuilder()
                        .setName(ServerIdentity.NAME)
                        .setVersion(ServerIdentity.VERSION)
                        .addExtensions(ServerIdentity.OWN_EXTENSION)
                        .build());
    }

    @Override
    public Uni<ModelMetadataResponse> modelMetadata(ModelMetadataRequest request) {
        return answer(() -> {
            ModelSignature signature = desk.describe(request.getName(), request.getVersion());
            return ModelMetadataResponse.newBuilder()
                    .setName(signature.name())
                    .addVersions(signature.version())
                    .setPlatform(ModelSignature.PLATFORM)
                    .addInputs(tensor(signature.input(), signature.inputShape()))
                    .addOutputs(tensor(signature.output(), signature.outputShape()))
                    .build();
        });
    }

    @Override
    public Uni<ModelInferResponse> modelInfer(ModelInferRequest request) {
        try {
            admission.enter();
        } catch (InferenceRequestException e) {
            return Uni.createFrom().failure(status(e));
        }
        return Uni.createFrom()
                .item(() -> GrpcTensors.call(request))
                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
                .chain(call -> Uni.createFrom().completionStage(() -> desk.answer(call)))
                .map(answer -> GrpcTensors.response(request, answer))
                .onTermination()
                .invoke(admission::leave)
                .onFailure()
                .transform(GrpcInference::status);
    }

    private static <T> Uni<T> answer(Supplier<T> supplier) {
        return Uni.createFrom().item(supplier).onFailure().transform(GrpcInference::status);
    }

    private static TensorMetadata tensor(String name, List<Long> shape) {
        return TensorMetadata.newBuilder()
                .setName(name)
                .setDatatype(InferenceCall.FP32)
                .addAllShape(shape)
                .build();
    }

    private static StatusRuntimeException status(Throwable failure) {
        Status status = Status.INTERNAL;
        if (failure instanceof InferenceRequestException refused) {
            status = switch (refused.refusal()) {
                case BAD_REQUEST, WRONG_TYPE -> Status.INVALID_ARGUMENT;
                case NOT_FOUND -> Status.NOT_FOUND;
                case TOO_LARGE, BUSY -> Status.RESOURCE_EXHAUSTED;
                case UNAVAILABLE -> Status.UNAVAILABLE;
            };
        } else if (!(failure instanceof InferenceException)) {
            // Not an answer to the request, so its text is not for the client.
            LOG.error("a gRPC request failed", failure);
            return status.withDescription("the agent failed on this request; its log says how")
                    .asRuntimeException();
        }
        return status.withDescription(failure.getMessage()).asRuntimeException();
    }
}
