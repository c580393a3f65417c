package io.cema.cloud.compression;

import io.cema.cloud.http.ProblemException;
import io.cema.cloud.model.ArtefactStore;
import io.cema.cloud.model.LoadedModel;
import io.cema.cloud.model.ModelIntake;
import io.cema.cloud.model.ModelRegistry;
import io.cema.cloud.model.SourceImages;
import io.cema.cloud.persistence.Patience;
import io.cema.cloud.persistence.SchemaReady;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxModel;
import io.cema.protocol.thread.DaemonThreads;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Works on compression jobs, one at a time, on a thread of its own. The database has the last word: a job that is no
 * longer RUNNING there stops at its next step. What this instance had open when its process ended is marked at the start.
 */
@ApplicationScoped
class CompressionJobs {
    private static final Logger LOG = Logger.getLogger(CompressionJobs.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final CompressionRepository repository;
    private final ModelRegistry models;
    private final ModelIntake intake;
    private final ArtefactStore artefacts;
    private final String tenant;
    private final String instance;
    private final ExecutorService worker = Executors.newSingleThreadExecutor(DaemonThreads.named("compression"));
    private volatile boolean stopping;

    CompressionJobs(
            CompressionRepository repository,
            ModelRegistry models,
            ModelIntake intake,
            ArtefactStore artefacts,
            @ConfigProperty(name = "cema.tenant") String tenant,
            @ConfigProperty(name = "cema.instance") String instance) {
        this.repository = repository;
        this.models = models;
        this.intake = intake;
        this.artefacts = artefacts;
        this.tenant = tenant;
        this.instance = instance;
    }

    void onSchemaReady(@Observes SchemaReady ready) {
        int interrupted = Patience.untilDatabaseAnswers(repository.markInterrupted(tenant, instance))
                .await()
                .indefinitely();
        if (interrupted > 0) {
            LOG.warnf("%d compression jobs were interrupted; start them again by POST .../restart", interrupted);
        }
    }

    void onShutdown(@Observes ShutdownEvent event) throws InterruptedException {
        stopping = true;
        worker.shutdownNow();
        if (!worker.awaitTermination(20, TimeUnit.SECONDS)) {
            LOG.warn("a compression did not stop in 20 s; it is marked as interrupted at the next start");
        }
    }

    /** Stores the job and puts it into the queue. */
    Uni<CompressionJob> submit(CompressionJob job) {
        return repository
                .insert(tenant, job, instance)
                .invoke(() -> queue(job.id()))
                .chain(() -> repository.find(tenant, job.id()));
    }

    /** Fails with 404, or 409 if the job is open or done. */
    Uni<CompressionJob> restart(String id) {
        return repository
                .find(tenant, id)
                .chain(job -> repository.restart(tenant, id, instance).invoke(restarted -> {
                    if (!restarted) {
                        throw ProblemException.conflict("compression " + id + " is " + job.status()
                                + "; only one that was interrupted, cancelled or failed can be started again");
                    }
                    queue(id);
                }))
                .chain(() -> repository.find(tenant, id));
    }

    /** Fails with 404, or 409 if the job has ended. */
    Uni<CompressionJob> cancel(String id) {
        return repository
                .find(tenant, id)
                .chain(job -> repository.cancel(tenant, id).invoke(cancelled -> {
                    if (!cancelled) {
                        throw ProblemException.conflict(
                                "compression " + id + " has ended (" + job.status() + "); there is nothing to cancel");
                    }
                }))
                .chain(() -> repository.find(tenant, id));
    }

    private void queue(String id) {
        worker.execute(() -> {
            try {
                work(id);
            } catch (CancellationException e) {
                LOG.infof("compression %s stopped: %s", id, e.getMessage());
            } catch (CompressionException | OnnxFormatException | IllegalArgumentException | ProblemException e) {
                fail(id, e.getMessage());
            } catch (RuntimeException | Error e) {
                if (!stopping) {
                    LOG.errorf(e, "compression %s failed", id);
                    fail(id, "an error of the service: " + e + "; the log has more");
                }
            }
        });
    }

    private void fail(String id, String problem) {
        LOG.warnf("compression %s failed: %s", id, problem);
        wait(repository.failed(tenant, id, problem));
    }

    private void work(String id) {
        if (!wait(repository.begin(tenant, id))) {
            throw new CancellationException("it was cancelled before its turn");
        }
        CompressionJob job = wait(repository.find(tenant, id));
        LoadedModel dense = wait(models.load(tenant, job.model()));
        Optional<OnnxModel> teacher = job.teacher()
                .map(t -> OnnxModel.parse(wait(models.load(tenant, t)).onnx()));
        CompressionTask task = new CompressionTask(
                job.name(),
                OnnxModel.parse(dense.onnx()),
                teacher,
                dense.manifest().preprocessing(),
                dense.manifest().labels(),
                SourceImages.read("images", wait(artefacts.get(job.images()))),
                job.testImages().map(t -> labelled(wait(artefacts.get(t)))));
        CompressionResult result =
                new Compressor(task, CompressionOptions.settings(job.options()), new Reporter(id)).run();
        String digest = intake.register(
                tenant, result.onnx(), job.name(), dense.manifest().preprocessing(), task.labels());
        if (!wait(repository.done(tenant, id, digest, result.report()))) {
            throw new CancellationException("it was cancelled at its end");
        }
        LOG.infof("compression %s done: model %s", id, digest);
    }

    private static CompressionTask.LabelledImages labelled(byte[] content) {
        SourceImages.Labelled labelled = SourceImages.readLabelled("testImages", content);
        return new CompressionTask.LabelledImages(labelled.images(), labelled.labels());
    }

    private static <T> T wait(Uni<T> work) {
        return Patience.untilDatabaseAnswers(work).await().indefinitely();
    }

    /** Writes progress down, not at every step, and stops a job that is no longer wanted. */
    private final class Reporter implements Progress.Listener {
        private final String id;
        private String stage = "";
        private long written;

        Reporter(String id) {
            this.id = id;
        }

        @Override
        public void heard(Progress progress) {
            if (stopping) {
                throw new CancellationException("the service stops");
            }
            long now = System.nanoTime();
            if (progress.stage().equals(stage) && now - written < REPORT_NANOS) {
                return;
            }
            stage = progress.stage();
            written = now;
            if (!repository.progress(tenant, id, progress).await().atMost(PATIENCE)) {
                throw new CancellationException("it was cancelled");
            }
        }
    }
}
