package io.cema.cloud.fleet.command;

import io.cema.cloud.http.Ids;
import io.cema.cloud.http.Page;
import io.cema.cloud.http.ProblemException;
import io.cema.cloud.http.TaggedAnswers;
import io.smallrye.mutiny.Uni;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.Arrays;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** REST: commands to a device. */
@Path("/api/v1/devices/{id}/commands")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Commands", description = "Commands to single devices, with their answers")
class CommandResource {
    private final Commands commands;
    private final TaggedAnswers answers;
    private final String tenant;

    CommandResource(Commands commands, TaggedAnswers answers, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.commands = commands;
        this.answers = answers;
        this.tenant = tenant;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "giveCommand",
            summary = "Gives a device a command",
            description = "Delivered at least once and obeyed at most once. Ask for the command to learn its answer.")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            schema = @Schema(implementation = NewCommand.class),
                            examples =
                                    @ExampleObject(
                                            name = "ping",
                                            value = "{\"name\": \"ping\", \"timeoutSeconds\": 60}")))
    @APIResponse(
            responseCode = "201",
            description = "Written down and on its way",
            content = @Content(schema = @Schema(implementation = DeviceCommand.class)))
    @APIResponse(responseCode = "400", description = "A field is not valid")
    @APIResponse(responseCode = "404", description = "No such device")
    @APIResponse(responseCode = "409", description = "It is decommissioned, or has too many open commands")
    public Uni<Response> give(
            @RestPath @Pattern(regexp = Ids.PATTERN, message = Ids.MESSAGE) String id,
            @NotNull @Valid NewCommand command) {
        return commands.give(tenant, id, command)
                .map(given -> answers.tagged(
                        Response.created(URI.create("/api/v1/devices/" + id + "/commands/" + given.id())),
                        given.version(),
                        given));
    }

    @GET
    @Operation(operationId = "listCommands", summary = "Lists the commands of a device, newest first")
    @APIResponse(responseCode = "200", description = "A page of commands")
    @APIResponse(responseCode = "400", description = "A parameter is not valid")
    public Uni<Page<DeviceCommand>> list(
            @RestPath String id,
            @RestQuery @Parameter(description = "PENDING, ACCEPTED, REFUSED, TIMED_OUT or EXPIRED")
                    Optional<String> state,
            @RestQuery
                    @DefaultValue("9223372036854775807")
                    @Parameter(description = "Only sequences below; `next` of the page before")
                    long before,
            @RestQuery @DefaultValue("50") @Min(1) @Max(Page.MAX_LIMIT) int limit) {
        return commands.list(tenant, id, state.map(CommandResource::state), before, limit + 1)
                .map(rows -> Page.byNumber(rows, limit, DeviceCommand::sequence));
    }

    @GET
    @Path("/{command}")
    @Operation(operationId = "getCommand", summary = "One command and what became of it")
    @APIResponse(
            responseCode = "200",
            description = "The command",
            content = @Content(schema = @Schema(implementation = DeviceCommand.class)))
    @APIResponse(responseCode = "304", description = "As If-None-Match says")
    @APIResponse(responseCode = "404", description = "No such command of this device")
    public Uni<Response> get(@RestPath String id, @RestPath String command) {
        return commands.find(tenant, id, command).map(found -> answers.ok(found.version(), found));
    }

    private static CommandState state(String text) {
        return Arrays.stream(CommandState.values())
                .filter(state -> state.name().equals(text))
                .findFirst()
                .orElseThrow(() -> ProblemException.invalid(
                        "state '" + text + "' is none of " + Arrays.toString(CommandState.values())));
    }
}
