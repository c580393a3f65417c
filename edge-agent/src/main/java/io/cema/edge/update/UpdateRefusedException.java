package io.cema.edge.update;

/** An update that must not be applied; carries what is known of it and why. */
final class UpdateRefusedException extends Exception {
    private final String version;
    private final UpdateRevision revision;

    UpdateRefusedException(String version, UpdateRevision revision, String reason) {
        super(reason);
        this.version = version;
        this.revision = revision;
    }

    String version() {
        return version;
    }

    UpdateRevision revision() {
        return revision;
    }
}
