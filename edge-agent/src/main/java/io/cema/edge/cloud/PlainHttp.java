package io.cema.edge.cloud;

/** Where HTTP without TLS will do. */
public enum PlainHttp {
    /** Nowhere: the cloud is {@code https}. */
    NEVER,
    /** On this machine, for a cloud and agents without certificates: digests and signatures are all that protects then. */
    LOOPBACK,
    /** Everywhere: for a tunnel that encrypts, or a network where nobody else is. */
    ANYWHERE
}
