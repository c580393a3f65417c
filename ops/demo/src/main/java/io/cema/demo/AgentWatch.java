package io.cema.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Everything seen of one agent: its predictions, its updates, its counters by phase. One thread. */
final class AgentWatch {
    private final AgentStream stream;
    private final SinkTail tail;
    private final int[] predicted;
    private final long[] atMillis;
    private final double[] latencyMillis;
    private final List<UpdateMark> updates = new ArrayList<>();
    private final PhaseTraffic[] traffic;
    private AgentStatus last = AgentStatus.NOTHING;
    private int seen;
    private int newest = -1;

    AgentWatch(AgentStream stream, int phases, Path sink) {
        this.stream = stream;
        this.tail = new SinkTail(sink);
        this.predicted = new int[stream.frames()];
        this.atMillis = new long[stream.frames()];
        this.latencyMillis = new double[stream.frames()];
        this.traffic = new PhaseTraffic[phases];
        Arrays.fill(predicted, -1);
        Arrays.fill(traffic, PhaseTraffic.NONE);
    }

    /** Takes in what the sink holds by now. */
    void readSink() throws IOException {
        for (JsonNode line : tail.next()) {
            if (line.has("event")) {
                updates.add(new UpdateMark(
                        line.path("event").asText(),
                        line.path("update").asText(),
                        line.path("reason").asText(),
                        Math.max(0, Math.min(line.path("at_frame").asInt(), stream.frames() - 1)),
                        line.path("at_ms").asLong()));
            } else {
                prediction(line);
            }
        }
    }

    private void prediction(JsonNode line) {
        int frame = line.path("frame").asInt(-1);
        if (frame < 0 || frame >= predicted.length) {
            throw new DemoException(stream.device() + " predicted frame " + line.path("frame") + " of a record with "
                    + predicted.length + " frames");
        }
        if (predicted[frame] < 0) {
            seen++;
        }
        predicted[frame] = line.path("class").asInt();
        atMillis[frame] = line.path("at_ms").asLong();
        latencyMillis[frame] = line.path("latency_ms").asDouble();
        newest = Math.max(newest, frame);
    }

    /** Books what the counters rose by since the last call on the phase that the agent is in. */
    void book(AgentStatus status) {
        int phase = phase().orElse(0);
        traffic[phase] = traffic[phase].plus(last, status);
        last = status;
    }

    AgentStream stream() {
        return stream;
    }

    /** Frames predicted so far. */
    int seen() {
        return seen;
    }

    boolean finished() {
        return seen == predicted.length;
    }

    /** The phase of the newest frame; empty before the first. */
    Optional<Integer> phase() {
        return newest < 0 ? Optional.empty() : Optional.of(stream.phase()[newest]);
    }

    int newest() {
        return newest;
    }

    /** Whether that frame has been predicted. */
    boolean has(int frame) {
        return predicted[frame] >= 0;
    }

    boolean right(int frame) {
        return predicted[frame] == stream.label()[frame];
    }

    boolean rightWithoutAdaptation(int frame) {
        return stream.withoutAdaptation()[frame] == stream.label()[frame];
    }

    long atMillis(int frame) {
        return atMillis[frame];
    }

    double latencyMillis(int frame) {
        return latencyMillis[frame];
    }

    List<UpdateMark> updates() {
        return updates;
    }

    AgentStatus status() {
        return last;
    }

    PhaseTraffic traffic(int phase) {
        return traffic[phase];
    }
}
