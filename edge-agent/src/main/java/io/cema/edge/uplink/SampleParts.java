package io.cema.edge.uplink;

import com.google.protobuf.ByteString;
import io.cema.protocol.message.SamplePart;
import io.cema.protocol.model.Digests;
import io.cema.protocol.signature.EnvelopeSealer;
import java.util.ArrayList;
import java.util.List;

/** A sample as it goes over the link. Stateless, any thread. */
public final class SampleParts {
    private SampleParts() {}

    /**
     * @param partBytes image bytes in one part, at most
     * @return MQTT payloads, in order
     */
    public static List<byte[]> payloads(SpooledSample sample, int partBytes, long nowMillis) {
        byte[] image = sample.image();
        int parts = Math.max(1, (image.length + partBytes - 1) / partBytes);
        ByteString digest = ByteString.copyFrom(Digests.sha256(image));
        List<byte[]> payloads = new ArrayList<>(parts);
        for (int part = 0; part < parts; part++) {
            int from = part * partBytes;
            int length = Math.min(partBytes, image.length - from);
            SamplePart message = SamplePart.newBuilder()
                    .setSampleId(sample.id())
                    .setPart(part)
                    .setParts(parts)
                    .setData(ByteString.copyFrom(image, from, length))
                    .setInfo(sample.info())
                    .setTotalBytes(image.length)
                    .setSha256(digest)
                    .build();
            payloads.add(EnvelopeSealer.unsigned(message, nowMillis).toByteArray());
        }
        return payloads;
    }
}
