package io.cema.cloud.fleet.command;

import com.github.f4b6a3.ulid.UlidCreator;
import io.cema.cloud.event.LiveEvents;
import io.cema.cloud.fleet.DeviceDeparture;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.http.QueryConditions;
import io.cema.cloud.messaging.Outbox;
import io.cema.cloud.messaging.OutboxQuestion;
import io.cema.cloud.persistence.TenantDatabase;
import io.cema.protocol.message.Command;
import io.cema.protocol.topic.Topics;
import io.cema.protocol.topic.Topics.DeviceLeaf;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Gives devices commands: the row and the message in one transaction, so that what was promised is sent. */
@ApplicationScoped
class Commands implements DeviceDeparture {
    private static final int MOST_PENDING = 100;

    /** Above all that was given, and above all of any epoch before a restore of the database. */
    private static final String NEXT_SEQUENCE = "update device set command_sequence = greatest(command_sequence,"
            + " (select epoch from system_state) * 4294967296) + 1 where id = $1 returning status, command_sequence,"
            + " (select count(*) from device_command c where c.device = $1 and c.state = 'PENDING') as pending";

    private final TenantDatabase database;
    private final Outbox outbox;
    private final LiveEvents live;

    Commands(TenantDatabase database, Outbox outbox, LiveEvents live) {
        this.database = database;
        this.outbox = outbox;
        this.live = live;
    }

    /** Fails with 404, or with 409 for a decommissioned device or one with too many open commands. */
    Uni<DeviceCommand> give(String tenant, String device, NewCommand wanted) {
        String id = UlidCreator.getUlid().toString();
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery(NEXT_SEQUENCE)
                .execute(Tuple.of(device))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw ProblemException.notFound("no device " + device + " is known");
                    }
                    return sequence(rows.iterator().next(), device);
                })
                .chain(sequence -> insert(connection, id, device, sequence, wanted))
                .call(row -> outbox.ask(
                        connection,
                        Topics.device(tenant, device, DeviceLeaf.COMMAND),
                        message(row, wanted),
                        new OutboxQuestion(
                                row.getOffsetDateTime("expires_at").toInstant(),
                                Topics.device(tenant, device, DeviceLeaf.RESPONSE),
                                id.getBytes(StandardCharsets.US_ASCII))))
                .call(() -> live.append(
                        connection,
                        "command.given",
                        "devices/" + device + "/commands/" + id,
                        new JsonObject().put("name", wanted.name())))
                .map(DeviceCommand::of));
    }

    private static long sequence(Row row, String device) {
        if (!row.getString("status").equals("ACTIVE")) {
            throw ProblemException.conflict("device " + device + " is decommissioned and takes no commands");
        }
        if (row.getLong("pending") >= MOST_PENDING) {
            throw ProblemException.conflict("device " + device + " has " + MOST_PENDING
                    + " open commands; wait until it answers, or they expire");
        }
        return row.getLong("command_sequence");
    }

    private static Uni<Row> insert(
            SqlConnection connection, String id, String device, long sequence, NewCommand wanted) {
        Map<String, Object> arguments = new HashMap<>(wanted.arguments());
        return connection
                .preparedQuery("insert into device_command (tenant, id, device, sequence, name, arguments, expires_at)"
                        + " values (current_setting('cema.tenant'), $1, $2, $3, $4, $5,"
                        + " now() + $6 * interval '1 second') returning *")
                .execute(Tuple.of(
                        id,
                        device,
                        sequence,
                        wanted.name(),
                        new JsonObject(arguments),
                        wanted.timeoutSeconds().doubleValue()))
                .map(rows -> rows.iterator().next());
    }

    private static Command message(Row row, NewCommand wanted) {
        return Command.newBuilder()
                .setId(row.getString("id"))
                .setSequence(row.getLong("sequence"))
                .setName(wanted.name())
                .putAllArguments(wanted.arguments())
                .build();
    }

    /** Fails with 404. */
    Uni<DeviceCommand> find(String tenant, String device, String id) {
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("select * from device_command where id = $1 and device = $2")
                .execute(Tuple.of(id, device))
                .map(rows -> {
                    if (rows.size() == 0) {
                        throw ProblemException.notFound("device " + device + " was given no command " + id);
                    }
                    return DeviceCommand.of(rows.iterator().next());
                }));
    }

    /** Newest first, those with a sequence below {@code before}; empty for a device nobody knows. */
    Uni<List<DeviceCommand>> list(String tenant, String device, Optional<CommandState> state, long before, int limit) {
        QueryConditions conditions = new QueryConditions();
        conditions.and("device = " + conditions.parameter(device));
        conditions.and("sequence < " + conditions.parameter(before));
        conditions.when(state.map(Enum::name), p -> "state = " + p);
        String sql = "select * from device_command" + conditions.where() + " order by sequence desc"
                + conditions.page(limit, 0);
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery(sql)
                .execute(conditions.values())
                .map(rows -> {
                    List<DeviceCommand> commands = new ArrayList<>();
                    rows.forEach(row -> commands.add(DeviceCommand.of(row)));
                    return commands;
                }));
    }

    /**
     * Writes the device's word down. The first one counts: a second is the answer to a repeated delivery, which the device
     * refuses.
     *
     * @return false if no such command waits for an answer
     */
    Uni<Boolean> answered(String tenant, String device, String id, boolean accepted, String message) {
        String state = (accepted ? CommandState.ACCEPTED : CommandState.REFUSED).name();
        return database.inTransaction(tenant, connection -> connection
                .preparedQuery("update device_command set state = $3, message = $4, ended_at = now()"
                        + " where id = $1 and device = $2 and state in ('PENDING', 'TIMED_OUT', 'EXPIRED')")
                .execute(Tuple.of(id, device, state, message))
                .chain(rows -> rows.rowCount() == 0
                        ? Uni.createFrom().item(false)
                        : CommandDeadlines.tell(live, connection, device, id, state)
                                .replaceWith(true)));
    }

    /** Its open commands end, and what is not sent yet is not sent. */
    @Override
    public Uni<Void> leave(SqlConnection connection, String device) {
        return connection
                .preparedQuery("update device_command set state = 'EXPIRED', ended_at = now(),"
                        + " message = 'the device was decommissioned' where device = $1 and state = 'PENDING'")
                .execute(Tuple.of(device))
                .chain(() -> connection
                        .preparedQuery("update outbox set expires_at = '-infinity' where published_at is null"
                                + " and response_topic = 'cema/v1/' || current_setting('cema.tenant') || '/d/' || $1"
                                + " || '/response'")
                        .execute(Tuple.of(device)))
                .replaceWithVoid();
    }
}
