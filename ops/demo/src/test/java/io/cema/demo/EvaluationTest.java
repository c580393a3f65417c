package io.cema.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.protocol.image.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One agent, 400 images clear and 400 in fog; one image per 100 ms; adapted from the 200th image of the fog on. */
class EvaluationTest {
    private static final int PHASE = 400;
    private static final long START = 1_700_000_000_000L;

    @TempDir
    Path folder;

    private Scenario scenario;
    private AgentWatch agent;
    private DemoStream stream;

    @BeforeEach
    void watchAnAgent() throws IOException {
        scenario = Scenario.parse("clear,fog:5");
        int[] label = new int[2 * PHASE];
        int[] phase = new int[2 * PHASE];
        int[] without = new int[2 * PHASE];
        StringBuilder sink = new StringBuilder();
        for (int f = 0; f < 2 * PHASE; f++) {
            phase[f] = f / PHASE;
            // The label is always 0. Without adaptation every other image in fog is wrong.
            without[f] = phase[f] == 1 && f % 2 == 1 ? 1 : 0;
            int with = f < PHASE + 200 ? without[f] : f % 10 == 1 ? 1 : 0;
            sink.append("{\"frame\":" + f + ",\"class\":" + with + ",\"at_ms\":" + (START + 100L * f)
                    + ",\"selected\":\"-\",\"latency_ms\":2.5}\n");
            if (f == PHASE + 199) {
                sink.append("{\"event\":\"APPLIED\",\"update\":\"01J\",\"at_frame\":" + (f + 1) + ",\"at_ms\":"
                        + (START + 100L * f + 50) + ",\"bytes\":900}\n");
                sink.append("{\"event\":\"REJECTED\",\"update\":\"01K\",\"reason\":\"revision\",\"at_frame\":" + (f + 1)
                        + ",\"at_ms\":" + (START + 100L * f + 60) + ",\"bytes\":900}\n");
            }
        }
        Path file = folder.resolve("sink.jsonl");
        Files.writeString(file, sink);
        AgentStream seen = new AgentStream("cam-1", folder.resolve("cam-1.record"), label, phase, without);
        stream = new DemoStream(scenario, List.of(seen), List.of(samples(1), samples(2)));
        agent = new AgentWatch(seen, 2, file);
        agent.book(new AgentStatus(1, 3, 3000, 0, new AgentStatus.Spool(0), 0, 0, 0));
        agent.readSink();
        agent.book(new AgentStatus(800, 13, 13_000, 13, new AgentStatus.Spool(0), 900, 1, 1));
    }

    private static List<Image> samples(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Image> images = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            byte[] rgb = new byte[32 * 32 * 3];
            random.nextBytes(rgb);
            images.add(new Image(32, 32, rgb));
        }
        return images;
    }

    private PhaseResult fog(List<Long> refusals) {
        return new Evaluation(scenario, List.of(agent)).results(refusals).get(1);
    }

    @Test
    void accuracies_areOverTheSameImages() {
        assertThat(fog(List.of()).accuracyWithout()).isEqualTo(0.5);
        assertThat(fog(List.of()).accuracyWith()).isEqualTo(0.7);
    }

    @Test
    void traffic_isBookedOnThePhaseItHappenedIn() {
        PhaseResult fog = fog(List.of());
        assertThat(fog.uploadedImages()).isEqualTo(10);
        assertThat(fog.bytesUp()).isEqualTo(10_000);
        assertThat(fog.bytesDown()).isEqualTo(900);
    }

    @Test
    void updates_areCountedByOutcome_gateIncluded() {
        PhaseResult fog = fog(List.of(START + 45_000, START + 10_000));
        assertThat(fog.updatesApplied()).isEqualTo(1);
        assertThat(fog.updatesRefused()).isEqualTo(2);
        assertThat(fog.updatesRefusedByGate()).isEqualTo(1);
    }

    @Test
    void recovery_isCountedFromTheDrift() {
        // 20 s until the update, then until the moving mean over 50 images has nine tenths of the gain.
        assertThat(fog(List.of()).recoverySeconds()).isCloseTo(24.5, within(0.6));
    }

    @Test
    void recovery_withoutGain_isEmpty() {
        List<Outcome> flat = List.of(new Outcome(0, 0, 0, true, true, 1), new Outcome(100, 100, 0, false, false, 1));
        assertThat(Evaluation.recoverySeconds(flat, 0.5, 0.5)).isEmpty();
    }

    @Test
    void phase_withImagesLeftOut_isNotGood() throws IOException {
        Path half = folder.resolve("half.jsonl");
        Files.writeString(half, "{\"frame\":0,\"class\":0,\"at_ms\":1}\n");
        AgentWatch cutOff = new AgentWatch(stream.agents().get(0), 2, half);
        cutOff.readSink();
        assertThat(new Evaluation(scenario, List.of(cutOff)).results(List.of())).noneMatch(PhaseResult::good);
    }

    @Test
    void reportJson_hasTheAgreedNames() {
        var json = new ObjectMapper().valueToTree(fog(List.of()));
        for (String name : List.of(
                "name",
                "images",
                "accuracy_without",
                "accuracy_with",
                "uploaded_images",
                "bytes_up",
                "bytes_down",
                "updates_applied",
                "updates_refused",
                "recovery_seconds")) {
            assertThat(json.has(name)).as(name).isTrue();
        }
    }

    @Test
    void reportPage_needsNoOtherFile() throws IOException {
        Evaluation evaluation = new Evaluation(scenario, List.of(agent));
        Report report = new Report(
                evaluation.results(List.of()),
                true,
                "clear,fog:5",
                "edge.onnx",
                "foundation.onnx",
                "test",
                1,
                1,
                10,
                "2025-01-01T00:00:00Z",
                1000,
                900,
                12288,
                5504);

        String page = ReportPage.render(report, stream, evaluation, List.of(agent));

        assertThat(page).contains("<svg", "data:image/png;base64,", "fog 5");
        assertThat(page).doesNotContain("src=\"http", "href=", "@import", "<script");
        assertThat(page).doesNotContainPattern("@[a-z]+@");
        Files.writeString(Files.createDirectories(Path.of("target")).resolve("report-preview.html"), page);
    }
}
