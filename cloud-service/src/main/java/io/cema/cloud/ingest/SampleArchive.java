package io.cema.cloud.ingest;

import io.cema.cloud.http.ProblemException;
import io.cema.cloud.model.ArtefactNotFoundException;
import io.cema.cloud.model.ArtefactStore;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.ImageFormat;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;

/** Reads samples for people. */
@ApplicationScoped
class SampleArchive {
    private final TenantDatabase database;
    private final ArtefactStore artefacts;

    SampleArchive(TenantDatabase database, ArtefactStore artefacts) {
        this.database = database;
        this.artefacts = artefacts;
    }

    Uni<List<SampleView>> list(
            String tenant, Optional<String> cohort, Optional<String> device, long before, int limit) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("select * from sample where ($1::text is null or cohort = $1)"
                        + " and ($2::text is null or device = $2) and ordinal < $3 order by ordinal desc limit $4")
                .execute(Tuple.of(cohort.orElse(null), device.orElse(null), before, limit))
                .map(rows -> {
                    List<SampleView> samples = new ArrayList<>();
                    rows.forEach(row -> samples.add(view(row)));
                    return samples;
                }));
    }

    /** Fails with 404. */
    Uni<SampleView> find(String tenant, String device, String id) {
        return row(tenant, device, id).map(SampleArchive::view);
    }

    /** The image as PNG; blocks, so worker threads only. Fails with 404. */
    byte[] png(String tenant, String device, String id) {
        Row row = row(tenant, device, id).await().indefinitely();
        byte[] content = artefacts
                .get(row.getString("artefact"))
                .onFailure(ArtefactNotFoundException.class)
                .transform(e -> ProblemException.notFound(
                        "the image of sample " + id + " of device " + device + " is gone: " + e.getMessage()))
                .await()
                .indefinitely();
        return png(ImageCodec.decode(ImageFormat.valueOf(row.getString("format")), content));
    }

    private Uni<Row> row(String tenant, String device, String id) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("select * from sample where device = $1 and sample_id = $2")
                .execute(Tuple.of(device, id))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw ProblemException.notFound("device " + device + " has no sample " + id);
                    }
                    return rows.iterator().next();
                }));
    }

    private static byte[] png(Image image) {
        BufferedImage pixels = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        byte[] rgb = image.rgb();
        for (int y = 0, at = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++, at += 3) {
                pixels.setRGB(x, y, (rgb[at] & 255) << 16 | (rgb[at + 1] & 255) << 8 | (rgb[at + 2] & 255));
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(pixels, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return out.toByteArray();
    }

    private static SampleView view(Row row) {
        return new SampleView(
                row.getLong("ordinal"),
                row.getString("device"),
                row.getString("sample_id"),
                row.getString("cohort"),
                row.getString("model_digest"),
                row.getString("format"),
                row.getInteger("width"),
                row.getInteger("height"),
                row.getInteger("bytes"),
                row.getFloat("entropy"),
                row.getInteger("predicted_class"),
                Optional.ofNullable(row.getInteger("teacher_class")).filter(seen -> seen >= 0), // -1: image gone
                row.getString("reason"),
                row.getString("update_version"),
                row.getLong("frame"),
                Optional.ofNullable(row.getOffsetDateTime("captured_at")).map(OffsetDateTime::toInstant),
                row.getOffsetDateTime("received_at").toInstant(),
                row.getBoolean("held_back"),
                Optional.ofNullable(row.getLong("trained_step")));
    }
}
