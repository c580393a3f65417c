package io.cema.ops.backup;

import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Puts an archive back. Looks at everything before it changes anything; artefacts are added first, the database is filled
 * in one transaction, and artefacts that the archive does not have go last.
 */
final class Restore {
    private static final String ARTEFACTS = "artefacts/";

    private final Settings settings;
    private final boolean replace;

    /** @param replace whether what stands at the target may be lost */
    Restore(Settings settings, boolean replace) {
        this.settings = settings;
        this.replace = replace;
    }

    /**
     * @param passphrase of the keys; absent: those of the target stay
     * @return the epoch from now on
     */
    long from(Archive archive, Optional<char[]> passphrase) throws IOException, SQLException {
        Manifest manifest = archive.manifest();
        DataFolder folder = new DataFolder(settings.dataFolder());
        Schema schema = new Schema(settings);
        Optional<byte[]> keys = keys(archive, passphrase);
        long formerEpoch = requireTarget(manifest, schema, folder, keys.isPresent());
        Set<String> digests = new HashSet<>();
        for (Manifest.Entry entry : manifest.entries()) {
            if (entry.name().startsWith(ARTEFACTS)) {
                try (InputStream in = archive.read(entry.name())) {
                    folder.putArtefact(entry.sha256(), in);
                }
                digests.add(entry.sha256());
            }
        }
        if (keys.isPresent()) {
            folder.replaceKeys(keys.get());
        }
        if (replace) {
            schema.clean();
        }
        schema.migrate(manifest.schema());
        long epoch;
        try (Connection connection = settings.connect()) {
            epoch = new DatabaseLoad(connection, archive).run(formerEpoch);
        }
        schema.migrate(schema.newest());
        folder.keepArtefacts(digests);
        return epoch;
    }

    private static Optional<byte[]> keys(Archive archive, Optional<char[]> passphrase) throws IOException {
        if (passphrase.isEmpty()) {
            return Optional.empty();
        }
        if (!archive.manifest().keysSealed()) {
            throw new BackupException("the archive holds no keys, they are kept apart; put them into the data folder"
                    + " and restore --without-keys");
        }
        try (InputStream in = archive.read(Backup.KEYS)) {
            return Optional.of(SealedKeys.open(in.readAllBytes(), passphrase.get()));
        }
    }

    /** Returns the target's epoch, 0 if it has none. */
    private long requireTarget(Manifest manifest, Schema schema, DataFolder folder, boolean withKeys)
            throws SQLException, IOException {
        int newest = schema.newest();
        if (manifest.schema() > newest) {
            throw new BackupException("the archive is of schema " + manifest.schema() + ", this program knows schema "
                    + newest + "; restore it with the version of CEMA that made it, or a newer one");
        }
        if (!withKeys && !folder.signingKey().equals(manifest.signingKey())) {
            throw new BackupException(
                    "the signing key in " + settings.dataFolder() + " is not the one the fleet trusted"
                            + " when the backup was made; put the keys that were kept apart into that folder first");
        }
        if (!replace && (!folder.artefacts().isEmpty() || withKeys && folder.hasKeys())) {
            throw new BackupException(settings.dataFolder() + " is not empty; name an empty folder by cema.data-dir, or"
                    + " say --replace to lose what is there");
        }
        try (Connection connection = settings.connect()) {
            if (Catalog.number(
                            connection,
                            "select count(*) from pg_stat_activity where datname = current_database()"
                                    + " and pid <> pg_backend_pid() and usename is not null")
                    > 0) {
                throw new BackupException(
                        "somebody is connected to the database " + settings.url() + "; stop every cloud service first");
            }
            if (Catalog.empty(connection)) {
                return 0;
            }
            if (!replace) {
                throw new BackupException("the database " + settings.url() + " is not empty; name an empty one by"
                        + " cema.database.name, or say --replace to lose what is there");
            }
            boolean ours = !Catalog.texts(
                            connection,
                            "select relname from pg_class where relname = 'system_state'"
                                    + " and relnamespace = current_schema()::regnamespace")
                    .isEmpty();
            return ours ? Catalog.number(connection, "select coalesce(max(epoch), 0) from system_state") : 0;
        }
    }
}
