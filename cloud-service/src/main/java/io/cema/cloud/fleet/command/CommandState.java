package io.cema.cloud.fleet.command;

/** What became of a command. A late answer still counts: it is the truth. */
enum CommandState {
    /** No answer yet, and there is time left. */
    PENDING,
    /** The device obeyed; the message is its answer. */
    ACCEPTED,
    /** The device did not obey; the message says why. */
    REFUSED,
    /** The device was there and did not answer in time: whether it obeyed is not known. */
    TIMED_OUT,
    /** The device was not heard of while the command was valid, or it left the fleet: the broker delivers it no more. */
    EXPIRED
}
