package io.cema.ops.backup;

/** What the person at the keyboard must know: what was wrong, where, and what to do. */
final class BackupException extends RuntimeException {
    BackupException(String message) {
        super(message);
    }

    BackupException(String message, Throwable cause) {
        super(message, cause);
    }
}
