package io.cema.edge.device;

import java.io.IOException;

/** Something that an operator may tell the device to do. Takes no arguments so far. May block for seconds. */
public interface DeviceCommand {
    /** @throws IOException if it could not be done; the message goes to the operator */
    Answer obey() throws IOException;

    /**
     * What the operator is told.
     *
     * @param message what was done, or why it was not
     * @param afterwards runs once the answer is with the broker
     */
    record Answer(boolean accepted, String message, Runnable afterwards) {
        public static Answer done(String message) {
            return new Answer(true, message, () -> {});
        }

        public static Answer refused(String why) {
            return new Answer(false, why, () -> {});
        }
    }
}
