package io.cema.ops.stack;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A child process that cannot outlive this one: a shell of three lines stands between, holds a pipe to this process
 * and passes a signal on to the child when the pipe closes, whether by {@link #stop} or because this process died.
 * Thread-safe.
 */
public final class GuardedProcess implements AutoCloseable {
    private static final String GUARD = "signal=$1; shift; exec 3<&0; trap : INT TERM HUP; "
            + "\"$@\" </dev/null 3<&- & child=$!; "
            + "{ trap : INT TERM HUP; read line <&3; kill -$signal $child; } 2>/dev/null & guard=$!; "
            + "while kill -0 $child 2>/dev/null; do wait $child; status=$?; done; "
            + "kill -KILL $guard 2>/dev/null; exit $status";

    private final String name;
    private final Process process;

    private GuardedProcess(String name, Process process) {
        this.name = name;
        this.process = process;
    }

    /**
     * Starts it in the working directory of this process.
     *
     * @param name for messages
     * @param command program and arguments
     * @param environment added to this process's own
     * @param log standard output and error are appended here
     * @param stopSignal what asks it to end, e.g. {@code TERM}
     */
    public static GuardedProcess start(
            String name, List<String> command, Map<String, String> environment, Path log, String stopSignal)
            throws IOException {
        List<String> line = new ArrayList<>(List.of("sh", "-c", GUARD, "guard-" + name, stopSignal));
        line.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        return new GuardedProcess(name, builder.start());
    }

    public String name() {
        return name;
    }

    public boolean alive() {
        return process.isAlive();
    }

    /** The exit status, once it has ended; 128 + n if signal n ended it. */
    public Optional<Integer> exitStatus() {
        return process.isAlive() ? Optional.empty() : Optional.of(process.exitValue());
    }

    /** Process id of the child itself, not of the guard; empty while it is being forked or when it has ended. */
    public Optional<Long> childPid() {
        return process.children()
                .filter(p -> !p.info().command().orElse("").endsWith("sh"))
                .findFirst()
                .map(ProcessHandle::pid);
    }

    /** Runs when the child has ended, on some other thread. */
    public void onExit(Runnable action) {
        process.onExit().thenRun(action);
    }

    /**
     * Asks it to end, and after that many seconds no longer asks.
     *
     * @return whether it ended by itself
     */
    public boolean stop(long seconds) throws InterruptedException {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // The pipe is closed already: the guard has seen that.
        }
        if (process.waitFor(seconds, TimeUnit.SECONDS)) {
            return true;
        }
        kill();
        return false;
    }

    /** {@code kill -9} of the child, its children and the guard. */
    public void kill() throws InterruptedException {
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.waitFor(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws InterruptedException {
        stop(15);
    }
}
