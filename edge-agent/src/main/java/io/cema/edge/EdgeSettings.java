package io.cema.edge;

import io.cema.edge.cloud.PlainHttp;
import io.cema.edge.uplink.UplinkGate;
import io.cema.trt.BuildOptions;
import io.cema.trt.power.PowerSensors;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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

    Disk disk();

    Device device();

    Enrol enrol();

    Release release();

    Mqtt mqtt();

    Cloud cloud();

    Trust trust();

    Inference inference();

    Serving serving();

    FrameSettings frames();

    Selection selection();

    Uplink uplink();

    Update update();

    Power power();

    Sink sink();

    Tracing tracing();

    /** The disk of the data folder. */
    interface Disk {
        /** Bytes that samples leave free for what matters more; at most a twentieth of the disk. */
        @WithDefault("67108864")
        long minFreeBytes();
    }

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

    /** The agent as a piece of software. All but the key is set by the launcher of the bundle (ops/package). */
    interface Release {
        /** PEM file with the public key of whoever may make packages; without it no package is taken. */
        Optional<Path> keyFile();

        /** Where other versions are unpacked; absent where nothing would start them. */
        Optional<Path> folder();

        /** From which of its folders this process was started: a, b, or installed. */
        @WithDefault("installed")
        String running();

        /** What the package says it is; absent: the version of the sources. */
        Optional<String> version();

        /** Whether somebody starts the agent again when it ends with an error. */
        @WithDefault("false")
        boolean supervised();
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

    /** The cloud's HTTP side, for enrolment and artefacts. */
    interface Cloud {
        @WithDefault("https://localhost:8443")
        URI url();

        /** Where an http address will do; a device with a certificate downloads over HTTPS in any case. */
        @WithDefault("never")
        PlainHttp plainHttp();
    }

    /** Whose word counts. */
    interface Trust {
        /** PEM file with the cloud's public signing key. */
        Path keyFile();
    }

    /** What models run on. */
    interface Inference {
        @WithDefault("auto")
        Engine engine();

        /** Threads of one run of ONNX Runtime. */
        @WithDefault("1")
        int threads();

        /** Models served side by side; slots beyond are refused. */
        @WithDefault("8")
        int maxModels();

        TensorRt tensorrt();

        /** Which engine. */
        enum Engine {
            /** TensorRT where it can be used, ONNX Runtime where it cannot. */
            AUTO,
            /** TensorRT, or the agent does not start. */
            TENSORRT,
            ONNXRUNTIME
        }
    }

    /** TensorRT. */
    interface TensorRt {
        /** CUDA's number of the GPU. */
        @WithDefault("0")
        int device();

        /** How updates get into an engine: changing what they touch, every weight, or none (a build for each update). */
        @WithDefault("named")
        BuildOptions.Refit refit();

        /** Whether float32 layers may run in float16. */
        @WithDefault("true")
        boolean half();

        /** Largest batch of one inference. */
        @WithDefault("16")
        int maxBatch();

        /** Inferences at a time. */
        @WithDefault("2")
        int workers();

        /** GPU memory that one layer may use beside its tensors; 0 for all there is. */
        @WithDefault("0")
        long workspaceBytes();
    }

    /** What applications ask. */
    interface Serving {
        /** Bytes of a request's body; more are refused with 413. Up to 16 MiB unless the agent is built anew. */
        @WithDefault("16777216")
        int maxBodyBytes();

        /** Requests taken at once, of all protocols, in work or waiting; more are refused with 429. */
        @WithDefault("64")
        int maxRequests();

        /** Runs of the engine at once; absent: as many as the processors have room for. */
        OptionalInt concurrency();

        /** Images in one run that joins several requests; 1 joins none. */
        @WithDefault("8")
        int batchSize();

        /** How long a request may wait for others while an engine is free; 0: not at all. */
        @WithDefault("0ms")
        Duration batchDelay();

        /**
         * A model whose runs take no longer answers on the thread that read the request, where an engine is free: no thread
         * has to be woken. Meanwhile that thread answers no one else, health checks included. 0: never.
         */
        @WithDefault("10ms")
        Duration inPlace();

        /** Requests that may wait for an engine; more are refused with 429. */
        @WithDefault("32")
        int queueSize();

        /** Answered requests that may wait to be learnt from; more are answered, and not learnt from. */
        @WithDefault("32")
        int learningQueueSize();

        /** Images of requests that are learnt from, of each model; more are answered, and not learnt from. */
        @WithDefault("50")
        double learningImagesPerSecond();
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

        /**
         * Unfiltered frames at the beginning of a domain and at each of the first five doublings of its age; while the
         * update in use has several experts, for each as many and at every doubling; 0: none.
         */
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

        /** The same for any day. */
        @WithDefault("0")
        long bytesPerDay();

        /** Times at which nothing is uploaded, such as 22:00-06:00. */
        Optional<List<String>> quietHours();

        /** Of the quiet hours, such as Europe/Berlin; absent: the machine's. */
        Optional<String> timeZone();

        /** While this file exists the link is metered, and nothing is uploaded. */
        Optional<Path> meteredFile();

        /** What may leave the device. */
        @WithDefault("images")
        UplinkGate.Upload upload();

        /** Frames in one report of normalisation statistics, where statistics go up in place of images; 32 or more. */
        @WithDefault("64")
        int statisticsFrames();

        /** Between two frames taken for it. */
        @WithDefault("1s")
        Duration statisticsInterval();

        /** What frames that came as no file go up as. */
        @WithDefault("lossless")
        RawFrames.Format rawFrames();

        /** 1 to 100. */
        @WithDefault("90")
        int jpegQuality();
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

    /** Power and temperature of the machine. */
    interface Power {
        /** Which sensor; auto: a card by NVML, else a Jetson's INA3221, else thermal zones, else none. */
        @WithDefault("auto")
        PowerSensors.Choice source();

        /** PCI bus id of the card, where there are several; absent: the first. */
        Optional<String> pciBusId();

        /** Where Linux mounts sysfs. */
        @WithDefault("/sys")
        Path sysfs();
    }

    /** Where predictions go. */
    interface Sink {
        /** JSON lines file; absent for none. */
        Optional<Path> path();
    }

    /** Where spans go, and of how many frames. */
    interface Tracing {
        /** URL of a collector's OTLP over HTTP, as {@code http://127.0.0.1:4318}; absent: nothing is traced. */
        Optional<URI> endpoint();

        /** Share of the uploaded frames that are traced, all the way to the update they lead to; 1 to look for a fault. */
        @WithDefault("0.01")
        double ratio();
    }
}
