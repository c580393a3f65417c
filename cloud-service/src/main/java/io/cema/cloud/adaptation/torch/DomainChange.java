package io.cema.cloud.adaptation.torch;

/** What unfiltered images say of the domain. */
public enum DomainChange {
    /** It goes on. */
    NONE,
    /** One that was left earlier is back: twin and teacher are as they were when it was left. */
    RECALLED,
    /** One not seen before: twin and teacher are as registered. */
    NEW
}
