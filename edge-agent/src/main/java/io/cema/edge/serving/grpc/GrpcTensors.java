package io.cema.edge.serving.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.cema.edge.serving.InferenceAnswer;
import io.cema.edge.serving.InferenceCall;
import io.cema.edge.serving.InferenceRequestException;
import io.cema.edge.serving.grpc.message.InferTensorContents;
import io.cema.edge.serving.grpc.message.ModelInferRequest;
import io.cema.edge.serving.grpc.message.ModelInferRequest.InferInputTensor;
import io.cema.edge.serving.grpc.message.ModelInferResponse;
import io.cema.edge.serving.grpc.message.ModelInferResponse.InferOutputTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Between the messages of gRPC and what the desk understands. */
final class GrpcTensors {
    private GrpcTensors() {}

    /** @throws InferenceRequestException if the tensors are not given as the protocol says */
    static InferenceCall call(ModelInferRequest request) {
        boolean raw = raw(request);
        if (raw && request.getRawInputContentsCount() != request.getInputsCount()) {
            throw InferenceRequestException.badRequest("raw_input_contents has " + request.getRawInputContentsCount()
                    + " entries for " + request.getInputsCount() + " inputs, needs one for each");
        }
        List<InferenceCall.Tensor> inputs = new ArrayList<>();
        for (int i = 0; i < request.getInputsCount(); i++) {
            InferInputTensor input = request.getInputs(i);
            InferenceCall.requireFp32(input.getName(), input.getDatatype());
            if (raw && input.hasContents()) {
                throw InferenceRequestException.badRequest(
                        "input " + input.getName() + " has contents beside raw_input_contents; give one of them");
            }
            float[] values = raw ? raw(input.getName(), request.getRawInputContents(i)) : typed(input.getContents());
            inputs.add(new InferenceCall.Tensor(input.getName(), input.getShapeList(), values));
        }
        List<String> outputs = request.getOutputsList().stream()
                .map(ModelInferRequest.InferRequestedOutputTensor::getName)
                .toList();
        return new InferenceCall(request.getModelName(), request.getModelVersion(), inputs, outputs);
    }

    /** Raw for who asked raw, typed for who asked typed. */
    static ModelInferResponse response(ModelInferRequest request, InferenceAnswer answer) {
        InferOutputTensor.Builder output = InferOutputTensor.newBuilder()
                .setName(answer.output())
                .setDatatype(InferenceCall.FP32)
                .addShape(answer.batch())
                .addShape(answer.classes());
        ModelInferResponse.Builder response = ModelInferResponse.newBuilder()
                .setModelName(answer.model())
                .setModelVersion(answer.version())
                .setId(request.getId());
        if (raw(request)) {
            ByteBuffer bytes =
                    ByteBuffer.allocate(answer.logits().length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(answer.logits());
            response.addRawOutputContents(UnsafeByteOperations.unsafeWrap(bytes.array()));
        } else {
            InferTensorContents.Builder contents = InferTensorContents.newBuilder();
            for (float logit : answer.logits()) {
                contents.addFp32Contents(logit);
            }
            output.setContents(contents);
        }
        return response.addOutputs(output).build();
    }

    private static boolean raw(ModelInferRequest request) {
        return request.getRawInputContentsCount() > 0;
    }

    private static float[] raw(String tensor, ByteString bytes) {
        if (bytes.size() % Float.BYTES != 0) {
            throw InferenceRequestException.badRequest("input " + tensor + " has " + bytes.size()
                    + " raw bytes, needs a multiple of " + Float.BYTES + " for FP32");
        }
        float[] values = new float[bytes.size() / Float.BYTES];
        bytes.asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return values;
    }

    private static float[] typed(InferTensorContents contents) {
        float[] values = new float[contents.getFp32ContentsCount()];
        for (int i = 0; i < values.length; i++) {
            values[i] = contents.getFp32Contents(i);
        }
        return values;
    }
}
