package io.cema.cloud.adaptation;

/** Another process holds the loop now; what this one was about to write is not written. */
public final class LeaseLostException extends RuntimeException {
    LeaseLostException(Lease lease) {
        super("loop " + lease.key() + ": the lease of " + lease.holder() + " (token " + lease.fencing()
                + ") is expired or taken over");
    }
}
