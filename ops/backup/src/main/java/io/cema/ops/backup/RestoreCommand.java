package io.cema.ops.backup;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code restore}. */
@Command(
        name = "restore",
        sortOptions = false,
        description = "Puts an archive back into a database and a folder that no service uses. The next start of the"
                + " service tells the fleet.")
final class RestoreCommand implements Callable<Integer> {
    @Option(names = "--from", required = true, paramLabel = "FILE", description = "The archive.")
    private Path from;

    @ArgGroup(multiplicity = "1")
    private KeyChoice keys;

    @Option(names = "--replace", description = "What stands in the database and the folder is lost.")
    private boolean replace;

    @Option(names = "--help", usageHelp = true, description = "This text.")
    private boolean help;

    @Parameters(
            paramLabel = "KEY=VALUE",
            description = "cema.data-dir and cema.database.*, as the service has them; also CEMA_DATABASE_PASSWORD.")
    private List<String> settings = List.of();

    private final PrintStream output;

    RestoreCommand(PrintStream output) {
        this.output = output;
    }

    @Override
    public Integer call() throws Exception {
        try (Archive archive = Archive.open(from)) {
            long epoch = new Restore(Settings.of(settings, System.getenv()), replace).from(archive, keys.passphrase());
            output.printf(
                    "Restored the backup of %s, epoch %d. Start the service; it tells the fleet.%n",
                    archive.manifest().takenAt(), epoch);
            output.println("What was done since then is gone. Do again what was meant to last: certificates and tokens"
                    + " revoked, samples erased, devices decommissioned, policies changed.");
            return 0;
        }
    }
}
