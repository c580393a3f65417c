package io.cema.edge;

import io.cema.edge.enrolment.DeviceCertificate;
import io.cema.edge.enrolment.Enrolment;
import io.cema.edge.inference.onnx.OnnxRuntimeEngineFactory;
import io.cema.edge.serving.AgentStatusSource;
import io.cema.edge.serving.JsonLinesSink;
import io.cema.edge.serving.PredictionRecord;
import io.cema.edge.serving.PredictionSink;
import io.cema.edge.serving.PredictionStream;
import io.cema.edge.serving.UpdateRecord;
import io.cema.edge.update.ActiveModelHolder;
import io.cema.protocol.enrolment.ClaimToken;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Ties the agent to the container: settings in, beans for the endpoints out, start and stop. */
@ApplicationScoped
class EdgeApplication {
    private static final Logger LOG = Logger.getLogger(EdgeApplication.class);

    private final EdgeSettings settings;
    private final ActiveModelHolder holder = new ActiveModelHolder();
    private final PredictionStream stream = new PredictionStream();
    private Optional<JsonLinesSink> lines = Optional.empty();
    private Enrolment enrolment;
    private EdgeAgent agent;

    EdgeApplication(EdgeSettings settings) {
        this.settings = settings;
    }

    void start(@Observes StartupEvent event) throws IOException, InterruptedException {
        Path certificates = EdgeAgent.certificateFolder(settings);
        Optional<ClaimToken> claim = settings.enrol().claim().map(ClaimToken::parse);
        if (claim.isPresent() || DeviceCertificate.stored(certificates).isPresent()) {
            enrolment = new Enrolment(
                    certificates,
                    settings.tenant(),
                    settings.device().id(),
                    claim,
                    settings.cloud().url(),
                    Clock.systemUTC());
            enrolment.ensure();
        }
        if (settings.sink().path().isPresent()) {
            lines = Optional.of(new JsonLinesSink(settings.sink().path().get()));
        }
        agent = new EdgeAgent(
                settings,
                new OnnxRuntimeEngineFactory(settings.inference().threads()),
                holder,
                new Sinks(),
                Clock.systemUTC());
        agent.start();
        if (enrolment != null) {
            enrolment.start();
        }
    }

    void stop(@Observes ShutdownEvent event) throws IOException {
        LOG.info("stopping");
        if (enrolment != null) {
            enrolment.close();
        }
        if (agent != null) {
            agent.close();
        }
        if (lines.isPresent()) {
            lines.get().close();
        }
    }

    @Produces
    @Singleton
    ActiveModelHolder holder() {
        return holder;
    }

    @Produces
    @Singleton
    PredictionStream stream() {
        return stream;
    }

    @Produces
    @Singleton
    AgentStatusSource status() {
        return () -> agent.status();
    }

    /** The file, if there is one, and whoever listens. */
    private final class Sinks implements PredictionSink {
        @Override
        public void prediction(PredictionRecord prediction) {
            lines.ifPresent(l -> l.prediction(prediction));
            stream.prediction(prediction);
        }

        @Override
        public void update(UpdateRecord update) {
            lines.ifPresent(l -> l.update(update));
            stream.update(update);
        }
    }
}
