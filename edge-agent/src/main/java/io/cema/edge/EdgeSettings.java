package io.cema.edge;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Everything that can be set, under the prefix {@code cema}. */
@ConfigMapping(prefix = "cema")
public interface EdgeSettings {
    @WithDefault("default")
    String tenant();

    /** Where the agent keeps what must survive it; one agent per folder. */
    Path dataDir();

    Device device();

    Enrol enrol();

    Mqtt mqtt();

    Cloud cloud();

    Trust trust();

    Inference inference();

    Frames frames();

    Selection selection();

    Uplink uplink();

    Update update();

    Sink sink();

    /** Who the device is. */
    interface Device {
        String id();

        /** How often telemetry is sent. */
        @WithDefault("10s")
        Duration telemetryInterval();
    }

    /** The broker. */
    interface Mqtt {
        @WithDefault("localhost")
        String host();

        @WithDefault("1883")
        int port();

        /** How long the broker keeps the session and its queue after a loss; not below the will's delay of 60 s. */
        @WithDefault("1h")
        Duration sessionExpiry();

        Tls tls();
    }

    /** How the device came to its certificate. */
    interface Enrol {
        /**
         * What an operator made for this device with {@code POST /api/v1/claims}; used once, may stay. With it, or after
         * it was used, the broker is reached by TLS with the certificate, unless {@code cema.mqtt.tls} says otherwise.
         */
        Optional<String> claim();
    }

    /** TLS towards the broker; plain when {@code trust} is absent and the device is not enrolled. */
    interface Tls {
        /** PEM file with the broker's CA certificates. */
        Optional<Path> trust();

        /** PEM file with this device's certificate chain. */
        Optional<Path> certificate();

        /** PEM file with its key. */
        Optional<Path> key();

        @WithDefault("true")
        boolean verifyHostname();
    }

    /** The cloud's HTTP side, for artefacts alone. */
    interface Cloud {
        @WithDefault("http://localhost:8080")
        URI url();
    }

    /** Whose word counts. */
    interface Trust {
        /** PEM file with the cloud's public signing key. */
        Path keyFile();
    }

    /** ONNX Runtime. */
    interface Inference {
        /** Threads of one run. */
        @WithDefault("1")
        int threads();
    }

    /** Where images come from. */
    interface Frames {
        @WithDefault("none")
        Source source();

        /** Record file or image folder. */
        Optional<Path> path();

        /** Frames per second, 0 for as fast as possible. */
        @WithDefault("0")
        double rate();

        /** Wait with the first frame until a model is in use; otherwise frames before that are passed over. */
        @WithDefault("true")
        boolean startOnActive();

        /** Begin again at the end. */
        @WithDefault("false")
        boolean loop();

        /** What the frames are. */
        enum Source {
            RECORD,
            FOLDER,
            NONE
        }
    }

    /** The agent's own defaults of the selection; what the cloud's policy sets comes first. Absent: SelectionSettings.defaults. */
    interface Selection {
        OptionalDouble entropyMaxFraction();

        OptionalDouble entropyMinFraction();

        OptionalDouble lambda();

        OptionalInt warmUpFrames();

        OptionalDouble maxGrowth();

        OptionalDouble redundancyCosine();

        OptionalDouble redundancyMomentum();

        OptionalDouble similarityThreshold();

        OptionalInt maxConsecutiveSkips();

        OptionalDouble randomShare();

        /** Unfiltered frames at the beginning of a domain and at each doubling of its age; 0: none. */
        OptionalInt statisticsBurst();

        /** The same for frames that passed the filters; 0: all of them. */
        OptionalInt informativeBurst();

        /** An unfiltered frame at least every this many frames. */
        OptionalInt slowestInterval();

        /** Frames in which a change of domain shows. */
        OptionalInt shiftWindow();

        /** Distance of looks from which the domain counts as changed. */
        OptionalDouble shiftDistance();

        /** Of the random share and the near-duplicate filter; absent: drawn at each start. */
        OptionalLong seed();
    }

    /** The way up. */
    interface Uplink {
        /** Bytes of the spool on disk. */
        @WithDefault("268435456")
        long spoolMaxBytes();

        @WithDefault("P7D")
        Duration spoolMaxAge();

        @WithDefault("64")
        int maxOutstanding();

        @WithDefault("49152")
        int partBytes();

        @WithDefault("30s")
        Duration ackTimeout();

        /** Upload budget where the cloud's policy sets none; 0 for unlimited. */
        @WithDefault("0")
        long bytesPerHour();
    }

    /** Updates. */
    interface Update {
        /** Frames kept to try an update on. */
        @WithDefault("64")
        int shadowFrames();

        @WithDefault("32")
        int guardMinFrames();

        /** Allowed rise of the mean entropy, as a fraction of ln C. */
        @WithDefault("0.25")
        double guardMaxEntropyJump();

        @WithDefault("0.8")
        double guardMaxClassShare();

        @WithDefault("0.3")
        double guardMaxClassShareRise();

        /** Frames after a swap before the update is compared with its predecessor once more. */
        @WithDefault("128")
        int guardProbationFrames();
    }

    /** Where predictions go. */
    interface Sink {
        /** JSON lines file; absent for none. */
        Optional<Path> path();
    }
}
