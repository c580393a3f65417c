package io.cema.edge.enrolment;

import java.io.IOException;

/** The cloud has said no: trying again changes nothing, an operator has to. */
final class EnrolmentRefusedException extends IOException {
    EnrolmentRefusedException(String message) {
        super(message);
    }
}
