package io.cema.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The short form of {@code ops/cema takeover}: two cloud services as the processes they are, Kafka between broker and database,
 * artefacts in a bucket, and {@code kill -9} of the one that owns the loop.
 */
@Tag("process")
class TakeoverTest {
    @TempDir
    Path folder;

    @Test
    void ownerKilled_otherGoesOnAndNothingIsLostOrTrainedTwice() throws Exception {
        Path root = repository();
        assumeThat(root.resolve("cloud-service/target/quarkus-app/quarkus-run.jar"))
                .as("the services are packaged; `mvn verify` does that before this test")
                .exists();
        TakeoverRun.Plan plan = new TakeoverRun.Plan(
                true, true, false, 2, 40, Duration.ofSeconds(2), Duration.ofSeconds(1), Duration.ofSeconds(3));

        TakeoverRun.Result result;
        try (TakeoverRun run = new TakeoverRun(root, folder, plan)) {
            result = run.run();
        }

        System.out.println(result);
        assertThat(result.successor()).isNotEqualTo(result.owner());
        assertThat(result.acknowledged()).as("acknowledged").isEqualTo(result.sent());
        assertThat(result.lost()).as("acknowledged and not stored").isEmpty();
        assertThat(result.trainedTwice()).as("taken as new by two steps").isEmpty();
        assertThat(result.writtenByFormerOwners())
                .as("versions written by a former owner")
                .isEmpty();
        assertThat(result.revisionsOutOfOrder()).as("revisions out of order").isEmpty();
    }

    private static Path repository() {
        for (Path path = Path.of("").toAbsolutePath(); path != null; path = path.getParent()) {
            if (Files.isDirectory(path.resolve("ops/demo"))) {
                return path;
            }
        }
        throw new IllegalStateException("not inside the repository");
    }
}
