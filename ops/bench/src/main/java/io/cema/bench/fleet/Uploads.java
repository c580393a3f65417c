package io.cema.bench.fleet;

import com.github.f4b6a3.ulid.UlidCreator;
import com.google.protobuf.ByteString;
import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.message.SampleAck;
import io.cema.protocol.message.SampleInfo;
import io.cema.protocol.message.SamplePart;
import io.cema.protocol.message.Slot;
import io.cema.protocol.message.UploadReason;
import io.cema.protocol.model.Digests;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Samples on their way: each is kept and sent again, as an agent does, until the cloud says that it is durable. One thread
 * sends; acknowledgements come on others.
 */
final class Uploads implements Observer.Acks {
    private static final int DIGITS = 3;
    private static final float ENTROPY = .8f;
    /** As the agent has it. */
    private static final long AGAIN_NANOS = 30_000_000_000L;

    private record Flight(VirtualDevice device, SamplePart part, long dueNanos, long sentNanos) {
        private Flight again() {
            return new Flight(device, part, dueNanos, System.nanoTime());
        }
    }

    private final Map<String, Flight> flights = new ConcurrentHashMap<>();
    private final Set<String> durable = ConcurrentHashMap.newKeySet();
    private final Recorder micros = new Recorder(DIGITS);
    private final LongAdder refused = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder repeated = new LongAdder();

    /**
     * Publishes one.
     *
     * @param dueNanos from when its latency counts
     */
    void send(VirtualDevice device, Pictures.Picture picture, long dueNanos) {
        Slot slot = device.slot();
        SamplePart part = SamplePart.newBuilder()
                .setSampleId(UlidCreator.getMonotonicUlid().toString())
                .setParts(1)
                .setData(ByteString.copyFrom(picture.encoded()))
                .setTotalBytes(picture.encoded().length)
                .setSha256(ByteString.copyFrom(Digests.sha256(picture.encoded())))
                .setInfo(SampleInfo.newBuilder()
                        .setFormat(ImageFormat.RGB8_ZSTD)
                        .setWidth(picture.width())
                        .setHeight(picture.height())
                        .setEntropy(ENTROPY)
                        .setReason(UploadReason.INFORMATIVE)
                        .setModelDigest(slot.getModelDigest())
                        .setCohort(slot.getCohort())
                        .setChannel(slot.getChannel())
                        .setUpdateVersion(device.version())
                        .setRevision(device.revision())
                        .setCapturedMs(System.currentTimeMillis()))
                .build();
        bytes.add(part.getSerializedSize());
        flights.put(part.getSampleId(), new Flight(device, part, dueNanos, System.nanoTime()));
        device.upload(part);
    }

    @Override
    public void acknowledged(List<SampleAck.Entry> entries) {
        long now = System.nanoTime();
        for (SampleAck.Entry entry : entries) {
            if (entry.getOutcome() != SampleAck.Outcome.DURABLE) {
                refused.increment();
            } else if (durable.add(entry.getSampleId())) {
                Flight flight = flights.get(entry.getSampleId());
                if (flight != null) {
                    micros.recordValue(Math.max(1, (now - flight.dueNanos()) / 1_000));
                }
            }
            flights.remove(entry.getSampleId());
        }
    }

    /** Sends again what has waited too long. */
    void sendOverdue() {
        long now = System.nanoTime();
        flights.forEach((id, flight) -> {
            if (now - flight.sentNanos() > AGAIN_NANOS && flights.replace(id, flight, flight.again())) {
                repeated.increment();
                flight.device().upload(flight.part());
            }
        });
    }

    int outstanding() {
        return flights.size();
    }

    /** Ids that the cloud said are durable. */
    Set<String> durable() {
        return durable;
    }

    long refused() {
        return refused.sum();
    }

    long repeated() {
        return repeated.sum();
    }

    /** Of all that was sent, without envelopes and repetitions. */
    long bytes() {
        return bytes.sum();
    }

    /** From when a sample was due until its acknowledgement, since the last call, in microseconds. */
    Histogram latencies() {
        return micros.getIntervalHistogram();
    }
}
