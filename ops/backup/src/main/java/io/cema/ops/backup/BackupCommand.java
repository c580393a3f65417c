package io.cema.ops.backup;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code backup}. */
@Command(
        name = "backup",
        sortOptions = false,
        description = "Writes database, artefacts and keys of the cloud service into one archive, while it runs.")
final class BackupCommand implements Callable<Integer> {
    @Option(names = "--out", required = true, paramLabel = "FILE", description = "The archive; must not exist.")
    private Path out;

    @ArgGroup(multiplicity = "1")
    private KeyChoice keys;

    @Option(
            names = "--without-artefacts",
            description = "They lie in a bucket (cema.artefacts.store=s3), which is backed up by its own means.")
    private boolean withoutArtefacts;

    @Option(names = "--help", usageHelp = true, description = "This text.")
    private boolean help;

    @Parameters(
            paramLabel = "KEY=VALUE",
            description = "cema.data-dir and cema.database.*, as the service has them; also CEMA_DATABASE_PASSWORD.")
    private List<String> settings = List.of();

    private final PrintStream output;

    BackupCommand(PrintStream output) {
        this.output = output;
    }

    @Override
    public Integer call() throws Exception {
        Manifest manifest =
                new Backup(Settings.of(settings, System.getenv())).write(out, keys.passphrase(), !withoutArtefacts);
        output.printf(
                "%s: schema %d, epoch %d, tenants %s, %d rows, %d artefacts%n",
                out.toAbsolutePath(),
                manifest.schema(),
                manifest.epoch(),
                manifest.tenants(),
                manifest.tables().stream().mapToLong(Manifest.Table::rows).sum(),
                manifest.entries().stream()
                        .filter(entry -> entry.name().startsWith("artefacts/"))
                        .count());
        output.println(
                manifest.keysSealed()
                        ? "The keys are sealed with the passphrase: keep it in another place than the archive."
                        : "Without keys. No device follows a service that has not the signing key; keep the data folder's"
                                + " files other than artefacts and uploads in a safe place.");
        return 0;
    }
}
