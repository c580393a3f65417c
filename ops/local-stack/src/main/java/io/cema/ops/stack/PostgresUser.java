package io.cema.ops.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * PostgreSQL refuses to run as root. Whoever is not root runs it as himself; for root there are two ways, tried in this
 * order: a user namespace without a mapping ({@code unshare -U}: the server sees itself as nobody, files stay root's),
 * or the unprivileged user {@code nobody} ({@code setpriv}), who is then given the data folder.
 */
enum PostgresUser {
    SELF,
    NAMESPACE,
    NOBODY;

    private static final String NOBODY_ID = "65534";

    /** What works here. */
    static PostgresUser find() throws IOException, InterruptedException {
        if (!root()) {
            return SELF;
        }
        if (succeeds("unshare", "-U", "true")) {
            return NAMESPACE;
        }
        List<String> probe = new ArrayList<>(NOBODY.prefix());
        probe.add("true");
        if (succeeds(probe.toArray(String[]::new))) {
            return NOBODY;
        }
        throw new StackException(
                "PostgreSQL refuses to run as root, and neither `unshare -U` nor `setpriv` (util-linux)"
                        + " works here to run it otherwise; start the local stack as another user");
    }

    private static boolean root() throws IOException {
        return ((Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid", LinkOption.NOFOLLOW_LINKS)) == 0;
    }

    /** What to put before a command line. */
    List<String> prefix() {
        return switch (this) {
            case SELF -> List.of();
            case NAMESPACE -> List.of("unshare", "-U");
            case NOBODY ->
                List.of("setpriv", "--reuid=" + NOBODY_ID, "--regid=" + NOBODY_ID, "--clear-groups", "--no-new-privs");
        };
    }

    /** Lets the server's user write there. */
    void own(Path folder) throws IOException, InterruptedException {
        if (this != NOBODY) {
            return;
        }
        if (!succeeds("chown", "-R", NOBODY_ID + ":" + NOBODY_ID, folder.toString())) {
            throw new StackException("cannot give " + folder + " to the user nobody, whom PostgreSQL runs as");
        }
        List<String> probe = new ArrayList<>(prefix());
        probe.addAll(List.of("test", "-w", folder.toString()));
        if (!succeeds(probe.toArray(String[]::new))) {
            throw new StackException("the user nobody, whom PostgreSQL runs as, cannot reach " + folder
                    + "; give --data a folder whose parents all may enter, or start the local stack as another user");
        }
    }

    private static boolean succeeds(String... command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            return false; // no such tool
        }
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            return false;
        }
        return process.exitValue() == 0;
    }
}
