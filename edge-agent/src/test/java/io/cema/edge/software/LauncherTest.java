package io.cema.edge.software;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The bundle's launcher, as it is shipped, with agents that are shell scripts. */
@EnabledOnOs(OS.LINUX)
class LauncherTest {
    private static final Path LAUNCHER = Path.of("..", "ops", "package", "bundle", "cema-edge-releases");
    private static final String REMEMBER = "echo $CEMA_RELEASE_RUNNING $CEMA_RELEASE_VERSION $* >>\"$LOG\"\n";
    private static final String CONFIRM = "mv \"$CEMA_RELEASE_FOLDER/trial\" \"$CEMA_RELEASE_FOLDER/current\"\n";

    @TempDir
    Path work;

    private Path releases;
    private ReleaseFolders folders;

    @BeforeEach
    void install() throws IOException {
        releases = Files.createDirectories(work.resolve("state/releases"));
        folders = new ReleaseFolders(releases, "installed");
        agent(work.resolve("home"), "1.0", "exit 0");
        Path launcher = work.resolve("home/bin/cema-edge-releases");
        Files.copy(LAUNCHER, launcher);
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
    }

    @Test
    void nothingTried_theInstalledVersionRunsWithItsArguments() throws Exception {
        assertThat(launch("cema.device.id=cam-1")).isZero();

        assertThat(starts()).containsExactly("installed 1.0 cema.device.id=cam-1");
    }

    @Test
    void confirmedTrial_runsFromThenOn() throws Exception {
        agent(releases.resolve("a"), "2.0", CONFIRM + "exit 143");
        folders.tryOut("a");

        assertThat(launch("--supervise")).isEqualTo(143);
        assertThat(launch("--supervise")).isEqualTo(143);

        assertThat(starts()).containsExactly("a 2.0", "a 2.0");
        assertThat(folders.newFailure()).isEmpty();
    }

    @Test
    void trialThatCrashesAtStart_isGivenUpForTheOneBefore() throws Exception {
        agent(releases.resolve("a"), "2.0", "exit 1");
        folders.tryOut("a");

        assertThat(launch("--supervise")).isZero();

        assertThat(starts()).containsExactly("a 2.0", "a 2.0", "a 2.0", "installed 1.0");
        assertThat(folders.newFailure())
                .contains(new ReleaseFolders.Failure("2.0", "it ended 3 times before it was healthy"));
        assertThat(releases.resolve("trial")).doesNotExist();
    }

    @Test
    void trialThatNeverGetsHealthy_isKilledAndGivenUp() throws Exception {
        agent(releases.resolve("a"), "2.0", "trap '' TERM\nwhile :; do sleep 0.1; done");
        folders.tryOut("a");

        assertThat(launch("--supervise")).isZero();

        assertThat(starts()).containsExactly("a 2.0", "installed 1.0");
        assertThat(folders.newFailure())
                .contains(new ReleaseFolders.Failure("2.0", "it was not healthy after 2 seconds"));
    }

    @Test
    void trialThatEndsWithoutAnError_isNoSuccess() throws Exception {
        agent(releases.resolve("b"), "2.0", "exit 0");
        folders.tryOut("b");

        assertThat(launch("--supervise")).isZero();

        assertThat(starts()).containsExactly("b 2.0", "b 2.0", "b 2.0", "installed 1.0");
    }

    @Test
    void failedTrial_goesBackToTheConfirmedVersionRatherThanTheInstalledOne() throws Exception {
        agent(releases.resolve("a"), "2.0", "exit 0");
        agent(releases.resolve("b"), "3.0", "exit 78");
        Files.writeString(releases.resolve("current"), "a\n");
        folders.tryOut("b");

        assertThat(launch("--supervise")).isZero();

        assertThat(starts()).containsExactly("b 3.0", "b 3.0", "b 3.0", "a 2.0");
    }

    @Test
    void underSystemd_aTrialThatEndsIsStartedAgainWhateverItsStatus() throws Exception {
        agent(releases.resolve("a"), "2.0", "exit 78");
        folders.tryOut("a");

        assertThat(launch()).isEqualTo(75);
        assertThat(launch()).isEqualTo(75);
        assertThat(launch()).isEqualTo(75);
        assertThat(launch()).isZero();

        assertThat(starts()).containsExactly("a 2.0", "a 2.0", "a 2.0", "installed 1.0");
    }

    @Test
    void agentThatAsksForARestart_isStartedAgain() throws Exception {
        agent(work.resolve("home"), "1.0", "[ -f \"$LOG.again\" ] && exit 0\ntouch \"$LOG.again\"\nexit 75");

        assertThat(launch("--supervise")).isZero();

        assertThat(starts()).containsExactly("installed 1.0", "installed 1.0");
    }

    @Test
    void confirmedFolderThatIsNotWhole_isPassedOver() throws Exception {
        Files.createDirectories(releases.resolve("a"));
        Files.writeString(releases.resolve("current"), "a\n");

        assertThat(launch("--supervise")).isZero();

        assertThat(starts()).containsExactly("installed 1.0");
    }

    @Test
    void terminationDuringATrial_endsTheAgentAndKeepsTheTrial() throws Exception {
        agent(releases.resolve("a"), "2.0", "trap 'exit 143' TERM\nwhile :; do sleep 0.1; done");
        folders.tryOut("a");
        Process launcher = process(Map.of("CEMA_TRIAL_SECONDS", "600"), "--supervise");
        await().atMost(Duration.ofSeconds(60)).until(() -> !starts().isEmpty());

        launcher.destroy();

        assertThat(launcher.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(launcher.exitValue()).isEqualTo(143);
        assertThat(releases.resolve("trial")).hasContent("a\n");
    }

    private int launch(String... arguments) throws Exception {
        Process process = process(Map.of("CEMA_TRIAL_SECONDS", "2"), arguments);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private Process process(Map<String, String> environment, String... arguments) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(work.resolve("home/bin/cema-edge-releases").toString(), releases.toString());
        builder.command().addAll(List.of(arguments));
        builder.environment().putAll(environment);
        builder.environment().put("CEMA_RESTART_SECONDS", "0");
        builder.environment().put("LOG", work.resolve("log").toString());
        builder.environment().remove("INVOCATION_ID");
        return builder.redirectErrorStream(true)
                .redirectOutput(work.resolve("output").toFile())
                .start();
    }

    /** Which version was started how, in order. */
    private List<String> starts() throws IOException {
        Path log = work.resolve("log");
        return Files.exists(log)
                ? Files.readAllLines(log).stream().map(String::strip).toList()
                : List.of();
    }

    private static void agent(Path folder, String version, String script) throws IOException {
        Files.createDirectories(folder.resolve("bin"));
        Files.writeString(folder.resolve("version"), version + "\n");
        Path start = Files.writeString(folder.resolve("bin/cema-edge"), "#!/bin/sh\n" + REMEMBER + script + "\n");
        assertThat(start.toFile().setExecutable(true)).isTrue();
    }
}
