package io.cema.edge.device;

import java.io.IOException;
import java.util.Map;
import java.util.Set;

/** Something that an operator may tell the device to do. May block for seconds. */
public interface DeviceCommand {
    /**
     * Does it.
     *
     * @param arguments none but those it takes
     * @throws IOException if it could not be done; the message goes to the operator
     */
    Answer obey(Map<String, String> arguments) throws IOException;

    /** Names of the arguments it takes. */
    default Set<String> arguments() {
        return Set.of();
    }

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
