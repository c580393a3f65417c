package io.cema.cloud.fleet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cema.cloud.fleet.release.DesiredStateSender;
import io.cema.cloud.fleet.release.WantedAgents;
import io.cema.cloud.messaging.Outbox;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.message.Revision;
import io.cema.protocol.message.SelectionPolicy;
import io.cema.protocol.message.Slot;
import io.cema.protocol.topic.Topics;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Derives a device's desired state from the tables and sends it down, signed and retained. */
@ApplicationScoped
public class DesiredStates implements DesiredStateSender {
    /** Above all that was sent, and above all of any epoch before a restore of the database. */
    private static final String NEXT_VERSION = "update device set desired_version = greatest(desired_version,"
            + " ((select epoch from system_state) - 1) * 4194304) + 1 where id = $1 returning desired_version";

    private final Outbox outbox;
    private final ObjectMapper json;
    private final WantedAgents agents;
    private final String tenant;

    DesiredStates(
            Outbox outbox,
            ObjectMapper json,
            WantedAgents agents,
            @ConfigProperty(name = "cema.tenant") String tenant) {
        this.outbox = outbox;
        this.json = json;
        this.agents = agents;
        this.tenant = tenant;
    }

    /** Raises the device's desired version and enqueues the state, within the caller's transaction. */
    @Override
    public Uni<Void> publish(SqlConnection connection, String device) {
        return connection
                .preparedQuery(NEXT_VERSION)
                .execute(Tuple.of(device))
                .map(rows -> rows.iterator().next().getLong(0))
                .chain(version -> slots(connection, device).map(rows -> state(version, rows)))
                .chain(state -> agents.with(connection, device, state))
                .chain(state -> outbox.enqueue(
                        connection, Topics.device(tenant, device, Topics.DeviceLeaf.DESIRED), state, true));
    }

    /** In the order that the device keeps: its own cohort first. */
    private static Uni<RowSet<Row>> slots(SqlConnection connection, String device) {
        return connection
                .preparedQuery("select c.id, c.policy, m.digest, m.size, m.manifest_digest, m.manifest_size,"
                        + " s.epoch as system_epoch, p.epoch, p.revision, ch.channel, pin.version as pinned"
                        + SlotTopics.SLOTS
                        + " cross join system_state s"
                        + " left join update_hold h on h.tenant = c.tenant and h.cohort = c.id"
                        + " left join affine_version pin on pin.tenant = h.tenant and pin.version = h.pinned_version"
                        + "   and pin.model_digest = m.digest"
                        + " left join lateral (select epoch, revision from publication u where u.tenant = c.tenant"
                        + "   and u.cohort = c.id and u.model_digest = m.digest and u.channel = ch.channel"
                        + "   order by epoch desc, revision desc limit 1) p on true"
                        + " where d.id = $1 order by ds.further, ds.created_at, ds.cohort")
                .execute(Tuple.of(device));
    }

    private DesiredState state(long version, RowSet<Row> rows) {
        DesiredState.Builder state = DesiredState.newBuilder().setVersion(version);
        rows.forEach(row -> state.addSlots(slot(row)));
        return state.build();
    }

    private Slot slot(Row row) {
        DevicePolicy policy = policy(row);
        return Slot.newBuilder()
                .setModelDigest(row.getString("digest"))
                .setModelSize(row.getLong("size"))
                .setManifestDigest(row.getString("manifest_digest"))
                .setManifestSize(row.getLong("manifest_size"))
                .setCohort(row.getString("id"))
                .setChannel(row.getString("channel"))
                .setFloor(floor(row))
                .setPinnedVersion(row.getString("pinned") == null ? "" : row.getString("pinned"))
                .setSelection(message(policy.selection()))
                .setAdaptation(policy.adaptation())
                .build();
    }

    private static SelectionPolicy message(SelectionRules rules) {
        return SelectionPolicy.newBuilder()
                .setEntropyMaxFraction(rules.entropyMaxFraction())
                .setEntropyMinFraction(rules.entropyMinFraction())
                .setRedundancyCosine(rules.redundancyCosine())
                .setSimilarityThreshold(rules.similarityThreshold())
                .setRandomShare(rules.randomShare())
                .setBytesPerHour(rules.bytesPerHour())
                .setBytesPerDay(rules.bytesPerDay())
                .setUpload(upload(rules.upload()))
                .addAllQuietHours(rules.quietHours())
                .setTimeZone(rules.timeZone())
                .build();
    }

    private static SelectionPolicy.Upload upload(SelectionRules.Upload upload) {
        return switch (upload) {
            case DEVICE -> SelectionPolicy.Upload.UPLOAD_UNSPECIFIED;
            case NONE -> SelectionPolicy.Upload.NO_UPLOAD;
            case STATISTICS -> SelectionPolicy.Upload.STATISTICS_ALONE;
            case IMAGES -> SelectionPolicy.Upload.IMAGES;
        };
    }

    /** Just below what the channel carries now: a newcomer takes that revision, and nothing older. */
    private static Revision floor(Row row) {
        return row.getLong("revision") == null
                ? Revision.newBuilder().setEpoch(row.getLong("system_epoch")).build()
                : Revision.newBuilder()
                        .setEpoch(row.getLong("epoch"))
                        .setRevision(row.getLong("revision") - 1)
                        .build();
    }

    private DevicePolicy policy(Row row) {
        try {
            return DevicePolicy.of(json.readTree(row.getJsonObject("policy").encode()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "the stored policy of cohort " + row.getString("id") + " cannot be read", e);
        }
    }
}
