package io.cema.ops.backup;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What an archive holds; its last entry, {@code manifest.json}.
 *
 * @param format of the archive itself
 * @param schema number of the newest migration in the database
 * @param epoch of the database when it was read
 * @param signingKey SHA-256 of the public signing key's file, which the fleet trusts
 * @param keysSealed whether the keys are in the archive, else they are kept apart
 * @param sequences last value by "table.column"
 * @param entries every other entry
 */
record Manifest(
        int format,
        Instant takenAt,
        int schema,
        long epoch,
        List<String> tenants,
        String signingKey,
        boolean keysSealed,
        List<Table> tables,
        Map<String, Long> sequences,
        List<Entry> entries) {
    static final String NAME = "manifest.json";
    static final int FORMAT = 1;

    /** Rows in PostgreSQL's text format, entry {@code database/NAME.copy}, in these columns. */
    record Table(String name, List<String> columns, long rows) {
        String entry() {
            return "database/" + name + ".copy";
        }
    }

    /** @param sha256 lower-case hex of the uncompressed bytes */
    record Entry(String name, long bytes, String sha256) {}
}
