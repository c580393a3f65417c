package io.cema.ops.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Makes an archive while the service runs. */
final class Backup {
    static final String KEYS = "keys.sealed";

    private final Settings settings;

    Backup(Settings settings) {
        this.settings = settings;
    }

    /**
     * The database first, as of one moment; then the artefacts, of which it names none that was not there before.
     *
     * @param passphrase of the keys; absent: they are kept apart
     */
    Manifest write(Path file, Optional<char[]> passphrase) throws IOException, SQLException, InterruptedException {
        DataFolder folder = new DataFolder(settings.dataFolder());
        String signingKey = folder.signingKey();
        try (Connection connection = settings.connect();
                ArchiveWriter archive = ArchiveWriter.open(file)) {
            int schema = Catalog.schema(connection);
            DatabaseDump dump = DatabaseDump.begin(connection);
            Instant takenAt = Instant.now().truncatedTo(ChronoUnit.MILLIS);
            List<Manifest.Table> tables = dump.writeTo(archive);
            for (Path artefact : folder.artefacts()) {
                addArtefact(archive, artefact);
            }
            if (passphrase.isPresent()) {
                byte[] sealed = SealedKeys.seal(folder.keys(), passphrase.get());
                archive.add(KEYS, out -> out.write(sealed));
            }
            Manifest manifest = new Manifest(
                    Manifest.FORMAT,
                    takenAt,
                    schema,
                    dump.epoch(),
                    dump.tenants(),
                    signingKey,
                    passphrase.isPresent(),
                    tables,
                    dump.sequences(),
                    archive.entries());
            archive.finish(Archive.JSON.writeValueAsBytes(manifest));
            return manifest;
        }
    }

    private static void addArtefact(ArchiveWriter archive, Path artefact) throws IOException {
        String digest = artefact.getFileName().toString();
        archive.add("artefacts/" + digest, out -> Files.copy(artefact, out));
        List<Manifest.Entry> entries = archive.entries();
        if (!entries.get(entries.size() - 1).sha256().equals(digest)) {
            throw new BackupException(
                    artefact + " is damaged: its bytes have another SHA-256 than its name; get it from an"
                            + " older backup, or remove it if nothing needs it");
        }
    }
}
