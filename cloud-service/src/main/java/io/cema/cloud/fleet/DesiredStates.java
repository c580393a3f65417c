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
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Derives the desired states of devices from the tables and sends them down, signed and retained. Many devices at a time:
 * what a change of a cohort costs the database must not be a dozen statements for each of ten thousand devices.
 */
@ApplicationScoped
public class DesiredStates implements DesiredStateSender {
    /** Above all that was sent, and above all of any epoch before a restore of the database. */
    private static final String NEXT_VERSION = "with held as (select id from device where id = any($1) order by id"
            + " for update) update device d set desired_version = greatest(d.desired_version,"
            + " ((select epoch from system_state) - 1) * 4194304) + 1 from held where d.id = held.id"
            + " returning d.id, d.desired_version";

    /** Devices of one statement: their signatures are made on the event loop, some ten milliseconds of it. */
    private static final int AT_ONCE = 100;

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

    /**
     * Raises the devices' desired versions and enqueues their states, within the caller's transaction. Rows are locked in the
     * order of their ids, so that two such changes never wait for each other in a circle.
     */
    @Override
    public Uni<Void> publish(SqlConnection connection, Collection<String> devices) {
        return Multi.createFrom()
                .iterable(new TreeSet<>(devices))
                .group()
                .intoLists()
                .of(AT_ONCE)
                .onItem()
                .transformToUniAndConcatenate(some -> publishTogether(connection, some))
                .collect()
                .last()
                .replaceWithVoid();
    }

    private Uni<Void> publishTogether(SqlConnection connection, List<String> devices) {
        return versions(connection, devices)
                .call(states -> addSlots(connection, states))
                .call(states -> agents.addTo(connection, states))
                .chain(states -> outbox.enqueue(connection, messages(states), true));
    }

    private static Uni<Map<String, DesiredState.Builder>> versions(SqlConnection connection, List<String> devices) {
        return connection
                .preparedQuery(NEXT_VERSION)
                .execute(Tuple.of(devices.toArray(String[]::new)))
                .map(rows -> {
                    Map<String, DesiredState.Builder> states = new TreeMap<>();
                    rows.forEach(row -> states.put(
                            row.getString("id"), DesiredState.newBuilder().setVersion(row.getLong("desired_version"))));
                    if (states.size() < devices.size()) {
                        throw new IllegalStateException("of the devices " + devices + " only " + states.keySet()
                                + " exist; a device gets its row before its desired state");
                    }
                    return states;
                });
    }

    /** In the order that the device keeps: its own cohort first. */
    private Uni<Void> addSlots(SqlConnection connection, Map<String, DesiredState.Builder> states) {
        return connection
                .preparedQuery("select d.id as device, c.id, c.policy, m.digest, m.size, m.manifest_digest,"
                        + " m.manifest_size, s.epoch as system_epoch, p.epoch, p.revision, ch.channel,"
                        + " pin.version as pinned"
                        + SlotTopics.SLOTS
                        + " cross join system_state s"
                        + " left join update_hold h on h.tenant = c.tenant and h.cohort = c.id"
                        + " left join affine_version pin on pin.tenant = h.tenant and pin.version = h.pinned_version"
                        + "   and pin.model_digest = m.digest"
                        + " left join lateral (select epoch, revision from publication u where u.tenant = c.tenant"
                        + "   and u.cohort = c.id and u.model_digest = m.digest and u.channel = ch.channel"
                        + "   order by epoch desc, revision desc limit 1) p on true"
                        + " where d.id = any($1) order by d.id, ds.further, ds.created_at, ds.cohort")
                .execute(Tuple.of(states.keySet().toArray(String[]::new)))
                .invoke(rows -> {
                    Map<String, DevicePolicy> policies = new HashMap<>();
                    rows.forEach(row -> states.get(row.getString("device"))
                            .addSlots(slot(row, policies.computeIfAbsent(row.getString("id"), c -> policy(row)))));
                })
                .replaceWithVoid();
    }

    private List<Outbox.Outgoing> messages(Map<String, DesiredState.Builder> states) {
        List<Outbox.Outgoing> messages = new ArrayList<>();
        states.forEach((device, state) -> messages.add(
                new Outbox.Outgoing(Topics.device(tenant, device, Topics.DeviceLeaf.DESIRED), state.build())));
        return messages;
    }

    private static Slot slot(Row row, DevicePolicy policy) {
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
