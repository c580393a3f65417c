package io.cema.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.cema.edge.inference.InferenceEngine;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.serving.grpc.message.GRPCInferenceServiceGrpc;
import io.cema.edge.serving.grpc.message.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.cema.edge.serving.grpc.message.InferTensorContents;
import io.cema.edge.serving.grpc.message.ModelInferRequest;
import io.cema.edge.serving.grpc.message.ModelInferRequest.InferInputTensor;
import io.cema.edge.serving.grpc.message.ModelInferRequest.InferRequestedOutputTensor;
import io.cema.edge.serving.grpc.message.ModelInferResponse;
import io.cema.edge.serving.grpc.message.ModelMetadataRequest;
import io.cema.edge.serving.grpc.message.ModelMetadataResponse;
import io.cema.edge.serving.grpc.message.ModelReadyRequest;
import io.cema.edge.serving.grpc.message.ServerLiveRequest;
import io.cema.edge.serving.grpc.message.ServerLiveResponse;
import io.cema.edge.serving.grpc.message.ServerMetadataRequest;
import io.cema.edge.serving.grpc.message.ServerReadyRequest;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The Open Inference Protocol over gRPC, asked of an agent that runs its base model. */
@QuarkusTest
@WithTestResource(value = CloudDouble.class, initArgs = @ResourceArg(name = CloudDouble.SERVING, value = "true"))
class GrpcInferenceTest {
    private static final float[] INPUT = TestModels.randomInput(2, 192, 4);

    private final CloudDouble cloud = CloudDouble.running();
    private ManagedChannel channel;
    private GRPCInferenceServiceBlockingStub agent;

    @BeforeEach
    void connect() {
        cloud.awaitServing();
        channel = ManagedChannelBuilder.forAddress("localhost", RestAssured.port)
                .usePlaintext()
                .build();
        agent = GRPCInferenceServiceGrpc.newBlockingStub(channel);
    }

    @AfterEach
    void disconnect() {
        channel.shutdownNow();
    }

    @Test
    void health_ofServerAndModel_isGood() {
        assertThat(agent.serverLive(ServerLiveRequest.getDefaultInstance()).getLive())
                .isTrue();
        assertThat(agent.serverReady(ServerReadyRequest.getDefaultInstance()).getReady())
                .isTrue();
        assertThat(agent.modelReady(ModelReadyRequest.newBuilder()
                                .setName("residual")
                                .setVersion("base")
                                .build())
                        .getReady())
                .isTrue();
    }

    @Test
    void metadata_isThatOfRest() {
        ModelMetadataResponse model = agent.modelMetadata(
                ModelMetadataRequest.newBuilder().setName("residual").build());

        assertThat(agent.serverMetadata(ServerMetadataRequest.getDefaultInstance())
                        .getName())
                .isEqualTo("cema-edge-agent");
        assertThat(model.getVersionsList()).containsExactly("base");
        assertThat(model.getPlatform()).isEqualTo("onnx_onnxv1");
        assertThat(model.getInputs(0).getShapeList()).containsExactly(-1L, 3L, 8L, 8L);
        assertThat(model.getOutputs(0).getShapeList()).containsExactly(-1L, 5L);
    }

    @Test
    void infer_rawContents_givesRawLogits() {
        ModelInferResponse answer = agent.modelInfer(raw().setId("7").build());

        assertThat(answer.getId()).isEqualTo("7");
        assertThat(answer.getModelVersion()).isEqualTo("base");
        assertThat(answer.getOutputs(0).getShapeList()).containsExactly(2L, 5L);
        assertThat(answer.getOutputs(0).hasContents()).isFalse();
        ByteBuffer logits =
                answer.getRawOutputContents(0).asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        for (float want : expected()) {
            assertThat(logits.getFloat()).isCloseTo(want, within(1e-4f));
        }
    }

    @Test
    void infer_typedContents_givesTypedLogits() {
        ModelInferResponse answer = agent.modelInfer(typed().build());

        List<Float> logits = answer.getOutputs(0).getContents().getFp32ContentsList();
        float[] want = expected();
        assertThat(answer.getRawOutputContentsCount()).isZero();
        assertThat(logits).hasSize(want.length);
        for (int i = 0; i < want.length; i++) {
            assertThat(logits.get(i)).isCloseTo(want[i], within(1e-4f));
        }
    }

    @Test
    void infer_unknownModelOrVersion_isNotFound() {
        refused(typed().setModelName("other"), Status.Code.NOT_FOUND, "in use is residual");
        refused(typed().setModelVersion("v10"), Status.Code.NOT_FOUND, "in use is base");
    }

    @Test
    void infer_notOfTheModelsSignature_isAnInvalidArgument() {
        ModelInferRequest.Builder otherType = typed();
        otherType.getInputsBuilder(0).setDatatype("INT32");

        refused(otherType, Status.Code.INVALID_ARGUMENT, "datatype INT32");
        refused(
                typed().addOutputs(InferRequestedOutputTensor.newBuilder().setName("other")),
                Status.Code.INVALID_ARGUMENT,
                "no output other");
        refused(raw().clearInputs().addInputs(tensor(3)), Status.Code.INVALID_ARGUMENT, "carries 384 values");
        refused(
                typed().addRawInputContents(ByteString.EMPTY),
                Status.Code.INVALID_ARGUMENT,
                "contents beside raw_input_contents");
    }

    @Test
    void infer_valuesThatAreNotThere_areAnInvalidArgument() {
        refused(
                raw().setRawInputContents(0, ByteString.copyFrom(new byte[4 * INPUT.length - 4])),
                Status.Code.INVALID_ARGUMENT,
                "input");
        refused(raw().clearInputs(), Status.Code.INVALID_ARGUMENT, "input");
        ModelInferRequest.Builder otherContents = typed();
        otherContents
                .getInputsBuilder(0)
                .setContents(InferTensorContents.newBuilder().addIntContents(1));
        refused(otherContents, Status.Code.INVALID_ARGUMENT, "input");
    }

    @Test
    void readinessAndMetadata_ofAnUnknownModelOrVersion_areNotFound() {
        notFound(() ->
                agent.modelReady(ModelReadyRequest.newBuilder().setName("other").build()));
        notFound(() -> agent.modelReady(ModelReadyRequest.newBuilder()
                .setName("residual")
                .setVersion("v10")
                .build()));
        notFound(() -> agent.modelMetadata(
                ModelMetadataRequest.newBuilder().setName("other").build()));
    }

    /** Such as Triton's extensions, which its clients may ask for. */
    @Test
    void methodOfAnotherServer_isUnimplemented() {
        MethodDescriptor<ServerLiveRequest, ServerLiveResponse> further =
                GRPCInferenceServiceGrpc.getServerLiveMethod().toBuilder()
                        .setFullMethodName("inference.GRPCInferenceService/ModelStatistics")
                        .build();

        assertThatThrownBy(() -> ClientCalls.blockingUnaryCall(
                        channel, further, CallOptions.DEFAULT, ServerLiveRequest.getDefaultInstance()))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED));
    }

    private static void notFound(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(StatusRuntimeException.class, e -> assertThat(
                        e.getStatus().getCode())
                .isEqualTo(Status.Code.NOT_FOUND));
    }

    @Test
    void infer_messageAboveTheLimit_isRefused() {
        ModelInferRequest.Builder large = raw().clearRawInputContents()
                .addRawInputContents(ByteString.copyFrom(new byte[CloudDouble.MAX_BODY + 1]));

        assertThatThrownBy(() -> agent.modelInfer(large.build()))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
    }

    @Test
    void infer_whileRestFillsTheHouse_isToldToComeAgain() throws IOException {
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < CloudDouble.MAX_REQUESTS; i++) {
            Socket socket = new Socket("localhost", RestAssured.port);
            socket.getOutputStream()
                    .write("POST /v2/models/residual/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            slow.add(socket);
        }

        await().untilAsserted(() -> refused(raw(), Status.Code.RESOURCE_EXHAUSTED, "cema.serving.max-requests"));

        for (Socket socket : slow) {
            socket.close();
        }
        await().ignoreExceptions().until(() -> agent.modelInfer(raw().build()).getOutputsCount() == 1);
    }

    private void refused(ModelInferRequest.Builder request, Status.Code code, String reason) {
        assertThatThrownBy(() -> agent.modelInfer(request.build()))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(code))
                .hasMessageContaining(reason);
    }

    private float[] expected() {
        try (InferenceEngine engine = new OnnxRuntimeEngineFactory(1).open(cloud.model.toBytes())) {
            return engine.logits(INPUT, 2);
        }
    }

    private static ModelInferRequest.Builder raw() {
        ByteBuffer bytes = ByteBuffer.allocate(4 * INPUT.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(INPUT);
        return ModelInferRequest.newBuilder()
                .setModelName("residual")
                .addInputs(tensor(2))
                .addRawInputContents(ByteString.copyFrom(bytes.array()));
    }

    private static ModelInferRequest.Builder typed() {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        for (float value : INPUT) {
            contents.addFp32Contents(value);
        }
        return ModelInferRequest.newBuilder()
                .setModelName("residual")
                .addInputs(tensor(2).setContents(contents));
    }

    private static InferInputTensor.Builder tensor(int batch) {
        return InferInputTensor.newBuilder()
                .setName("input")
                .setDatatype("FP32")
                .addAllShape(List.of((long) batch, 3L, 8L, 8L));
    }
}
