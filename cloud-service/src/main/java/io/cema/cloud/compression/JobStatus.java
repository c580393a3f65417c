package io.cema.cloud.compression;

/** Where a compression job stands. */
public enum JobStatus {
    QUEUED,
    RUNNING,
    DONE,
    FAILED,
    CANCELLED,
    /** The process ended while the job was queued or running. */
    INTERRUPTED;

    boolean isOpen() {
        return this == QUEUED || this == RUNNING;
    }
}
