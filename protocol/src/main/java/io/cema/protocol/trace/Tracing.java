package io.cema.protocol.trace;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Where a process's spans go: nowhere, which costs nothing and opens no connection, or by OTLP over HTTP to a collector, in
 * batches and on a thread of the SDK's own; what the collector does not take in time is dropped, nobody waits for it. Any thread.
 */
public final class Tracing implements AutoCloseable {
    private static final String SCOPE = "io.cema";
    private static final Duration EXPORT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration GATHER = Duration.ofSeconds(1);
    private static final int MOST_WAITING = 2_048;
    private static final long CLOSE_SECONDS = 2;

    private final Optional<SdkTracerProvider> provider;
    private final Tracer tracer;

    private Tracing(Optional<SdkTracerProvider> provider) {
        this.provider = provider;
        this.tracer = provider.<TracerProvider>map(p -> p)
                .orElse(TracerProvider.noop())
                .get(SCOPE);
    }

    /** Nothing is recorded. */
    public static Tracing off() {
        return new Tracing(Optional.empty());
    }

    /**
     * To a collector, if there is one.
     *
     * @param endpoint of the collector's OTLP over HTTP, as {@code http://collector:4318}; empty: {@link #off()}
     * @param service names the kind of process, {@code service.name}
     * @param instance names the process, {@code service.instance.id}
     * @param ratio of the traces that begin here, 0 to 1; what goes on here of traces begun elsewhere follows their beginning
     * @throws IllegalArgumentException if endpoint or ratio cannot be
     */
    public static Tracing to(Optional<URI> endpoint, String service, String instance, double ratio) {
        if (endpoint.isEmpty()) {
            return off();
        }
        URI collector = endpoint.get();
        if (collector.getHost() == null
                || !("http".equals(collector.getScheme()) || "https".equals(collector.getScheme()))) {
            throw new IllegalArgumentException("cema.tracing.endpoint is " + collector
                    + ", must be the http or https URL of a collector, such as http://127.0.0.1:4318");
        }
        SpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(collector.toString().replaceAll("/+$", "") + "/v1/traces")
                .setTimeout(EXPORT_TIMEOUT)
                .build();
        SpanProcessor batches = BatchSpanProcessor.builder(exporter)
                .setScheduleDelay(GATHER)
                .setMaxQueueSize(MOST_WAITING)
                .build();
        return of(batches, service, instance, ratio);
    }

    /** To this exporter, each span at its end: for tests. */
    public static Tracing to(SpanExporter exporter, String service, double ratio) {
        return of(SimpleSpanProcessor.create(exporter), service, "test", ratio);
    }

    private static Tracing of(SpanProcessor processor, String service, String instance, double ratio) {
        if (!(ratio >= 0 && ratio <= 1)) {
            throw new IllegalArgumentException("cema.tracing.ratio is " + ratio + ", must be from 0 to 1");
        }
        return new Tracing(Optional.of(SdkTracerProvider.builder()
                .setResource(Resource.create(Attributes.builder()
                        .put("service.name", service)
                        .put("service.instance.id", instance)
                        .build()))
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(ratio)))
                .addSpanProcessor(processor)
                .build()));
    }

    /** Whether anything is recorded. */
    public boolean on() {
        return provider.isPresent();
    }

    public Tracer tracer() {
        return tracer;
    }

    /** Sends what waits; gives up after two seconds. */
    @Override
    public void close() {
        provider.ifPresent(p -> p.shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS));
    }
}
