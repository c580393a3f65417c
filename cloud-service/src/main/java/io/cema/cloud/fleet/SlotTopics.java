package io.cema.cloud.fleet;

import io.cema.protocol.topic.Principal;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.UpdateReaders;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Where the updates of every device's slots come from, for whoever tells the brokers. */
@ApplicationScoped
public class SlotTopics {
    /** The channel of {@code pg_notify} on which the database says that slots may be others; with the tenant. */
    public static final String NOTIFICATION = "cema_slots";

    /**
     * The slots of devices {@code d}, {@code ds}: cohort {@code c}, model {@code m}, channel {@code ch}. What a device is told
     * and what it is let in to are both made of this.
     */
    static final String SLOTS = " from device d join device_slot ds on ds.tenant = d.tenant and ds.device = d.id"
            + " join cohort c on c.tenant = ds.tenant and c.id = ds.cohort"
            + " left join rollout_device r on r.tenant = d.tenant and r.device = d.id and r.cohort = c.id"
            + "   and r.active"
            + " join model_pair mp on mp.tenant = c.tenant and mp.id = coalesce(r.pair, c.pair)"
            + " join model m on m.tenant = mp.tenant and m.digest = mp.edge_digest"
            + " cross join lateral (select case when c.policy->'canary' is not null and exists (select 1"
            + "   from canary_device k where k.tenant = c.tenant and k.cohort = c.id and k.device = d.id)"
            + "   then 'canary' else 'stable' end as channel) ch";

    private final String tenant;

    SlotTopics(@ConfigProperty(name = "cema.tenant") String tenant) {
        this.tenant = tenant;
    }

    /** Of every device that has a slot. */
    public Uni<UpdateReaders> all(SqlConnection connection) {
        return connection
                .query("select d.id, c.id as cohort, m.digest, ch.channel" + SLOTS)
                .execute()
                .map(rows -> {
                    Map<Principal.Device, List<String>> topics = new HashMap<>();
                    for (Row row : rows) {
                        topics.computeIfAbsent(
                                        new Principal.Device(tenant, row.getString("id")), d -> new ArrayList<>())
                                .add(Topics.update(
                                        tenant,
                                        row.getString("cohort"),
                                        row.getString("digest"),
                                        row.getString("channel")));
                    }
                    return UpdateReaders.of(topics);
                });
    }
}
