package io.cema.protocol.topic;

/**
 * Who a client of the broker is, by the common name of its certificate: {@code {tenant}/d/{device}} or
 * {@code {tenant}/s/{service}}.
 */
public sealed interface Principal {
    String tenant();

    /** The common name of its certificate; 63 characters at most, as X.509 allows 64. */
    String commonName();

    /** Whether it may open a session with that client id, so that nobody takes over another's session. */
    boolean owns(String clientId);

    /** @throws IllegalArgumentException if the name is of neither form */
    static Principal parse(String commonName) {
        String[] levels = commonName.split("/", -1);
        if (levels.length == 3 && levels[1].equals("d")) {
            return new Device(levels[0], levels[2]);
        }
        if (levels.length == 3 && levels[1].equals("s")) {
            return new Service(levels[0], levels[2]);
        }
        throw new IllegalArgumentException(
                "common name \"" + commonName + "\" is neither {tenant}/d/{device} nor {tenant}/s/{service}");
    }

    private static void requireTenant(String tenant) {
        Topics.id("tenant", tenant);
        if (tenant.contains("-d-") || tenant.endsWith("-d")) {
            throw new IllegalArgumentException(
                    "tenant \"" + tenant + "\" has \"-d-\" in it or \"-d\" at its end: client"
                            + " ids {tenant}-d-{device} would not tell it from another tenant; choose another name");
        }
        if (tenant.equals("cema") || tenant.startsWith("cema-")) {
            throw new IllegalArgumentException(
                    "tenant \"" + tenant + "\" begins as the client ids of services do;" + " choose another name");
        }
    }

    /** An edge agent. It has one session. */
    record Device(String tenant, String device) implements Principal {
        public Device {
            Principal.requireTenant(tenant);
            Topics.id("device", device);
        }

        @Override
        public String commonName() {
            return tenant + "/d/" + device;
        }

        public String clientId() {
            return tenant + "-d-" + device;
        }

        @Override
        public boolean owns(String clientId) {
            return clientId().equals(clientId);
        }
    }

    /** A part of the cloud, of one tenant. It has as many sessions as it likes: {@code cema-{tenant}-...}. */
    record Service(String tenant, String service) implements Principal {
        public Service {
            Principal.requireTenant(tenant);
            Topics.id("service", service);
        }

        @Override
        public String commonName() {
            return tenant + "/s/" + service;
        }

        @Override
        public boolean owns(String clientId) {
            return clientId.startsWith("cema-" + tenant + "-");
        }
    }
}
