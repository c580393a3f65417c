package io.cema.edge.device;

import java.io.IOException;

/** An artefact that trying again soon does not get: the disk is full, or the cloud has other bytes than it signed for. */
public final class ArtefactException extends IOException {
    ArtefactException(String message) {
        super(message);
    }

    ArtefactException(String message, Throwable cause) {
        super(message, cause);
    }
}
