package io.cema.edge.device;

import io.cema.edge.device.DeviceCommand.Answer;
import io.cema.edge.update.UpdateResult;
import io.cema.edge.uplink.SampleSpool;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What operators ask of a device first. */
public final class OperatorCommands {
    private static final long PATIENCE_SECONDS = 60;

    private final DeviceSession session;
    private final SlotController slots;
    private final SampleSpool spool;
    private final Optional<Runnable> restart;

    /** @param restart ends the agent so that it is started again; empty where nobody would */
    public OperatorCommands(
            DeviceSession session, SlotController slots, SampleSpool spool, Optional<Runnable> restart) {
        this.session = session;
        this.slots = slots;
        this.spool = spool;
        this.restart = restart;
    }

    /** By name. */
    public Map<String, DeviceCommand> byName() {
        return new TreeMap<>(Map.<String, DeviceCommand>of(
                "ping", arguments -> Answer.done("pong"),
                "report", arguments -> report(),
                "reload", arguments -> reload(),
                "roll-back", new RollBack(),
                "forget-samples", arguments -> forgetSamples(),
                "restart", arguments -> restart()));
    }

    private Answer report() {
        session.reportNow();
        return Answer.done("reported state and telemetry are on their way");
    }

    private Answer reload() {
        slots.reload();
        return Answer.done("reloading");
    }

    /** Of the slot that the argument names, which the only slot of a device need not be. */
    private final class RollBack implements DeviceCommand {
        private static final String SLOT = "slot";

        @Override
        public Set<String> arguments() {
            return Set.of(SLOT);
        }

        @Override
        public Answer obey(Map<String, String> arguments) throws IOException {
            Optional<UpdateResult> result =
                    await(slots.rollBack(Optional.ofNullable(arguments.get(SLOT)), "rolled back by an operator"));
            return result.filter(UpdateResult.RolledBack.class::isInstance)
                    .map(UpdateResult.RolledBack.class::cast)
                    .map(back ->
                            Answer.done("update " + back.version() + " is taken back; the one before it is in use"))
                    .orElseGet(() -> Answer.refused("no update is in use that could be taken back"));
        }
    }

    private Answer forgetSamples() {
        int forgotten = spool.forgetAll();
        return Answer.done(forgotten + " samples forgotten");
    }

    private Answer restart() {
        return restart.map(end -> new Answer(true, "restarting", end))
                .orElseGet(() -> Answer.refused("nothing would start the agent again: it runs without a supervisor"
                        + " (cema.release.supervised)"));
    }

    private static <T> T await(CompletionStage<T> work) throws IOException {
        try {
            return work.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new IOException("not done after " + PATIENCE_SECONDS + " s; it may still be", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the agent is closing", e);
        }
    }
}
