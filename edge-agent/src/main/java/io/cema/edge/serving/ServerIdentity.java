package io.cema.edge.serving;

import java.util.List;

/** How the agent introduces itself to clients of the Open Inference Protocol. */
public final class ServerIdentity {
    public static final String NAME = "cema-edge-agent";
    public static final String VERSION = "0.1.0";
    /** The endpoints below {@code /v2/cema}. */
    public static final String OWN_EXTENSION = "cema";

    static final List<String> REST_EXTENSIONS = List.of("binary_tensor_data", OWN_EXTENSION);

    private ServerIdentity() {}
}
