package io.cema.demo;

/**
 * What became of an update on an agent.
 *
 * @param event APPLIED, REJECTED, ROLLED_BACK or RECALLED
 * @param version of the update
 * @param reason empty when applied
 * @param frame the agent's next frame then
 * @param atMillis milliseconds since 1970
 */
record UpdateMark(String event, String version, String reason, int frame, long atMillis) {
    boolean applied() {
        return event.equals("APPLIED");
    }

    /** In force again, without a message from the cloud, because its view came back. */
    boolean recalled() {
        return event.equals("RECALLED");
    }
}
