package io.cema.cloud.fleet.release;

import com.google.protobuf.ByteString;
import io.cema.protocol.message.AgentPackage;
import io.cema.protocol.message.DesiredState;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;

/**
 * Which version a device is wished to run: its own, else its cohort's. The packages of all platforms go down, a line each:
 * the device knows best what it runs on.
 */
@ApplicationScoped
public class WantedAgents {
    /**
     * Adds the wished version and its packages, where one is wished.
     *
     * @param states by device
     */
    public Uni<Void> addTo(SqlConnection connection, Map<String, DesiredState.Builder> states) {
        return connection
                .preparedQuery("select d.id, p.version, p.platform, p.digest, p.size, p.signature from device d"
                        + " left join cohort c on c.tenant = d.tenant and c.id = d.cohort"
                        + " join agent_package p on p.tenant = d.tenant"
                        + " and p.version = coalesce(d.agent_version, c.agent_version)"
                        + " where d.id = any($1) order by d.id, p.platform")
                .execute(Tuple.of(states.keySet().toArray(String[]::new)))
                .invoke(rows -> rows.forEach(row -> states.get(row.getString("id"))
                        .setAgentVersion(row.getString("version"))
                        .addAgentPackages(message(row))))
                .replaceWithVoid();
    }

    private static AgentPackage message(Row row) {
        return AgentPackage.newBuilder()
                .setVersion(row.getString("version"))
                .setPlatform(row.getString("platform"))
                .setSha256(row.getString("digest"))
                .setSize(row.getLong("size"))
                .setSignature(ByteString.copyFrom(row.getBuffer("signature").getBytes()))
                .build();
    }
}
