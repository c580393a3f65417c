package io.cema.cloud.adaptation.torch;

import io.cema.protocol.model.NormKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything adaptation changes in a model: scale and shift of each normalisation layer and the running target
 * statistics. Taken and put back by {@link TorchModel}; survives a restart as bytes.
 *
 * @param layers in manifest order
 */
public record NormState(List<Layer> layers) {
    private static final int MAGIC = 0x43454d41;
    private static final int VERSION = 1;

    public NormState {
        layers = List.copyOf(layers);
    }

    /**
     * One layer. The arrays belong to the record; do not write to them.
     *
     * @param name the layer's name
     * @param started whether target statistics exist
     * @param gamma scale, length = channels
     * @param beta shift, length = channels
     * @param mean running target mean, length = channels, empty for {@link NormKind}s without statistics
     * @param variance running target variance, likewise
     */
    public record Layer(String name, boolean started, float[] gamma, float[] beta, float[] mean, float[] variance) {}

    /** A compact form for {@link #parse}. */
    public byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(MAGIC);
            out.writeByte(VERSION);
            out.writeInt(layers.size());
            for (Layer layer : layers) {
                out.writeUTF(layer.name());
                out.writeBoolean(layer.started());
                for (float[] values : List.of(layer.gamma(), layer.beta(), layer.mean(), layer.variance())) {
                    out.writeInt(values.length);
                    for (float value : values) {
                        out.writeFloat(value);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** @throws IllegalArgumentException if the bytes are not of {@link #toBytes} or damaged */
    public static NormState parse(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readInt() != MAGIC || in.readByte() != VERSION) {
                throw new IllegalArgumentException("these " + bytes.length + " bytes are no normalisation state");
            }
            int count = in.readInt();
            List<Layer> layers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                layers.add(new Layer(in.readUTF(), in.readBoolean(), floats(in), floats(in), floats(in), floats(in)));
            }
            return new NormState(layers);
        } catch (IOException e) {
            throw new IllegalArgumentException("the normalisation state is truncated: " + bytes.length + " bytes", e);
        }
    }

    private static float[] floats(DataInputStream in) throws IOException {
        // Checked against what is there, so that a damaged length cannot ask for gigabytes.
        int length = in.readInt();
        if (length < 0 || length > in.available() / Float.BYTES) {
            throw new IOException("length " + length);
        }
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = in.readFloat();
        }
        return values;
    }
}
