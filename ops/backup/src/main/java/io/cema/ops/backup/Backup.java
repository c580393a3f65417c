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
     * @param withArtefacts false: they lie in a bucket, which is backed up by its own means
     */
    Manifest write(Path file, Optional<char[]> passphrase, boolean withArtefacts)
            throws IOException, SQLException, InterruptedException {
        DataFolder folder = new DataFolder(settings.dataFolder());
        String signingKey = folder.signingKey();
        try (Connection connection = settings.connect();
                ArchiveWriter archive = ArchiveWriter.open(file)) {
            int schema = Catalog.schema(connection);
            DatabaseDump dump = DatabaseDump.begin(connection);
            Instant takenAt = Instant.now().truncatedTo(ChronoUnit.MILLIS);
            List<Manifest.Table> tables = dump.writeTo(archive);
            if (withArtefacts) {
                addArtefacts(archive, folder.artefacts(), tables);
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

    private void addArtefacts(ArchiveWriter archive, List<Path> artefacts, List<Manifest.Table> tables)
            throws IOException {
        boolean models = tables.stream().anyMatch(table -> table.name().equals("model") && table.rows() > 0);
        if (models && artefacts.isEmpty()) {
            throw new BackupException(
                    "the database names models, and below " + settings.dataFolder()
                            + " there is no artefact: name the service's folder by cema.data-dir; or, where artefacts lie in a"
                            + " bucket (cema.artefacts.store=s3), say --without-artefacts and back the bucket up by its own means");
        }
        for (Path artefact : artefacts) {
            addArtefact(archive, artefact);
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
