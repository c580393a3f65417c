package io.cema.cloud.persistence;

/** The schema does not stand yet: the database was never reachable since start, or a migration failed. */
public final class DatabaseNotReadyException extends RuntimeException {
    DatabaseNotReadyException(String state) {
        super("the database is not ready: " + state);
    }
}
