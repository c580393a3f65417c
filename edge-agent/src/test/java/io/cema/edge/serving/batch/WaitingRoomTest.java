package io.cema.edge.serving.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.edge.TestModels;
import io.cema.edge.update.ActiveModel;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.edge.update.ModelOrigin;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class WaitingRoomTest {
    private final ActiveModelHolder holder = new ActiveModelHolder();
    private final WaitingRoom room = new WaitingRoom(1, 4, 4);

    @Test
    void pass_noPlaceFree_isNotLetThrough() {
        assertThat(room.pass()).isTrue();
        assertThat(room.pass()).isFalse();

        room.leave();

        assertThat(room.pass()).isTrue();
    }

    @Test
    void pass_othersWait_doesNotOvertakeThem() throws Exception {
        Waiting first = waiting();
        room.enter(first);

        assertThat(room.pass()).isFalse();

        List<Waiting> batch = room.next(false);
        assertThat(batch).containsExactly(first);
        assertThat(room.pass()).as("while the batch runs").isFalse();
        room.leave();
        assertThat(room.pass()).isTrue();
    }

    @Test
    void next_whileOnePassesThrough_waitsForItsPlace() throws Exception {
        assertThat(room.pass()).isTrue();
        Waiting request = waiting();
        room.enter(request);
        CompletableFuture<List<Waiting>> next = CompletableFuture.supplyAsync(this::next);

        assertThat(next).isNotDone();
        room.leave();

        assertThat(next.get()).containsExactly(request);
    }

    @Test
    void pass_closed_isNotLetThrough() {
        room.close();

        assertThat(room.pass()).isFalse();
    }

    private List<Waiting> next() {
        try {
            return room.next(false);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Waiting waiting() {
        holder.swap(new ActiveModel(
                new GatedEngine(),
                TestModels.manifest("gated", TestModels.residual()),
                ModelOrigin.base("fog-east", "stable")));
        return new Waiting(holder.lease().orElseThrow(), new float[1], 1, System.nanoTime(), new CompletableFuture<>());
    }
}
