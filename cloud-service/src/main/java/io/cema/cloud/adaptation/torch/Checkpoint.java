package io.cema.cloud.adaptation.torch;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** The bytes of a distiller's state: counters, then for twin and teacher normalisation state and optimiser memory. */
final class Checkpoint {
    private static final int MAGIC = 0x43434b50;
    private static final int VERSION = 6;

    private Checkpoint() {}

    /** Whether the bytes are a checkpoint, but one of another version, which kept other things. */
    static boolean isOfAnotherVersion(byte[] bytes) {
        return bytes.length > Integer.BYTES
                && ByteBuffer.wrap(bytes).getInt() == MAGIC
                && bytes[Integer.BYTES] != VERSION;
    }

    static byte[] write(long steps, double usualDivergence, DomainMemory domains, Learner student, Learner teacher) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(MAGIC);
            out.writeByte(VERSION);
            out.writeLong(steps);
            out.writeDouble(usualDivergence);
            domains.write(out);
            write(out, student);
            write(out, teacher);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, Learner learner) throws IOException {
        out.writeInt(learner.batches());
        out.writeDouble(learner.model().prior());
        byte[] state = learner.model().snapshot().toBytes();
        out.writeInt(state.length);
        out.write(state);
        for (float[] velocity : learner.sgd().velocity()) {
            out.writeInt(velocity.length);
            for (float v : velocity) {
                out.writeFloat(v);
            }
        }
    }

    /**
     * Puts the state back; nothing is changed if the bytes do not fit.
     *
     * @return what is not in the models
     */
    static Counters read(byte[] bytes, DomainMemory domains, Learner student, Learner teacher) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readInt() != MAGIC || in.readByte() != VERSION) {
                throw new IllegalArgumentException("these " + bytes.length + " bytes are no checkpoint of a distiller");
            }
            Counters counters = new Counters(in.readLong(), in.readDouble());
            DomainMemory memory = DomainMemory.read(in, domains.settings());
            readModels(in, student, teacher);
            domains.accept(memory);
            return counters;
        } catch (IOException e) {
            throw new IllegalArgumentException("the checkpoint is truncated: " + bytes.length + " bytes", e);
        }
    }

    /** Twin and teacher alone. */
    static byte[] writeModels(Learner student, Learner teacher) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            write(out, student);
            write(out, teacher);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    /** Puts back what {@link #writeModels} wrote; nothing is changed if the bytes do not fit. */
    static void readModels(byte[] bytes, Learner student, Learner teacher) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            readModels(in, student, teacher);
        } catch (IOException e) {
            throw new IllegalArgumentException("the models' state is truncated: " + bytes.length + " bytes", e);
        }
    }

    private static void readModels(DataInputStream in, Learner student, Learner teacher) throws IOException {
        Part twin = read(in, student);
        Part foundation = read(in, teacher);
        NormState before = student.model().snapshot();
        student.model().restore(twin.state());
        try {
            teacher.model().restore(foundation.state());
        } catch (IllegalArgumentException e) {
            student.model().restore(before);
            throw e;
        }
        twin.copyTo(student);
        foundation.copyTo(teacher);
    }

    /** Steps made, and the usual divergence of fresh images (nats per channel). */
    record Counters(long steps, double usualDivergence) {}

    private record Part(int batches, double prior, NormState state, float[][] velocity) {
        private void copyTo(Learner learner) {
            learner.batches(batches);
            learner.model().prior(prior);
            float[][] target = learner.sgd().velocity();
            for (int i = 0; i < target.length; i++) {
                System.arraycopy(velocity[i], 0, target[i], 0, target[i].length);
            }
        }
    }

    private static Part read(DataInputStream in, Learner learner) throws IOException {
        int batches = in.readInt();
        double prior = in.readDouble();
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("state of " + length + " bytes");
        }
        NormState state = NormState.parse(in.readNBytes(length));
        float[][] present = learner.sgd().velocity();
        float[][] velocity = new float[present.length][];
        for (int i = 0; i < velocity.length; i++) {
            if (in.readInt() != present[i].length) {
                throw new IllegalArgumentException("the checkpoint is another model's than "
                        + learner.manifest().name() + ": optimiser memory " + i + " differs in length");
            }
            velocity[i] = new float[present[i].length];
            for (int c = 0; c < velocity[i].length; c++) {
                velocity[i][c] = in.readFloat();
            }
        }
        return new Part(batches, prior, state, velocity);
    }
}
