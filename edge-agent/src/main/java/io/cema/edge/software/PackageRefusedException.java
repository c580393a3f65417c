package io.cema.edge.software;

import java.io.IOException;

/** A package that is not what it should be, or finds no place: trying again soon would not help. */
final class PackageRefusedException extends IOException {
    PackageRefusedException(String message) {
        super(message);
    }

    PackageRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
