package io.cema.cloud.adaptation;

import io.cema.cloud.model.LoadedModel;
import io.cema.protocol.image.Image;
import java.util.List;
import java.util.Optional;

/**
 * What one loop remembers: its uploads, its models, its versions. What a call has returned from is durable, as far as the
 * store is. Calls block and come from the loop's own thread.
 *
 * <p>Every write checks that the loop is still its caller's and fails with {@link LeaseLostException} if not; nothing is
 * written then.
 */
public interface LoopStore {
    LoopState state();

    LoadedModel edgeModel();

    LoadedModel foundationModel(String digest);

    /**
     * Uploads that no step took yet and that are not held back: the newest of each device, {@code limit} of one at most.
     * Those of a quarantined device are none of them, here and below.
     */
    Backlog backlog(int limit);

    /** What earlier steps took, the {@code limit} newest, oldest first: for the replay buffer after a restart. */
    List<StoredSample> trained(int limit);

    /** Held-back uploads after {@code afterOrdinal}: of each device the {@code limit} newest, those drawn at random preferred. */
    List<StoredSample> heldBack(long afterOrdinal, int limit);

    /** Contexts of the traced frames among the uploads from one ordinal to another, some of them if there are many. */
    default List<String> traces(long firstOrdinal, long lastOrdinal) {
        return List.of();
    }

    /** @throws RuntimeException if the payload is gone or is not an image of its format; the message names the sample */
    Image image(StoredSample sample);

    byte[] checkpoint(String digest);

    /** Every untrained upload up to {@code lastOrdinal} is taken by {@code step}, and the loop stands there. */
    void recordStep(long step, long lastOrdinal);

    /** What the loop is doing, for people. */
    void status(String status, Optional<String> problem);

    /**
     * The version goes down, and the loop goes on from there. Where the policy has a canary phase it goes to the canaries,
     * and is live only once the loop's state says so.
     *
     * @param checkpoint of the twin that adopted this version
     */
    Publication publish(NewVersion version, byte[] checkpoint);

    /** The live version goes down once more, under the revision it has. */
    void announce();

    /** Records a refused candidate. */
    void refuse(NewVersion version);

    /**
     * Uploads since the candidate under judgement was published that have no score yet, the oldest {@code limit}.
     *
     * @param randomAlone true: only those drawn at random
     */
    List<StoredSample> unscored(int limit, boolean randomAlone);

    /**
     * Reports of statistics of the last minutes, newest first: a few of each device. None while images come, which have
     * priority, and none of before a revocation and a wait that doubles with each.
     *
     * @param minutes how long images and reports count
     */
    List<StoredReport> statistics(int minutes);

    /** Writes down what the teacher sees; a score that stands there stays. */
    void recordScores(List<Score> scores);

    /**
     * What the teacher sees in an upload.
     *
     * @param teacherClass below 0: nobody can look at it
     */
    record Score(long ordinal, int teacherClass) {}

    /**
     * Order and place of a publication.
     *
     * @param checkpoint digest of the checkpoint as stored
     * @param candidate true: it went to the canaries and is under judgement
     */
    record Publication(long epoch, long revision, String checkpoint, boolean candidate) {}
}
