package io.cema.cli;

import io.cema.client.ApiClient;
import io.cema.client.model.LiveEvent;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The fleet from the command line. */
@Command(
        name = "ops/cema",
        scope = ScopeType.INHERIT,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = "Looks at the fleet and changes it, by the cloud service's REST interface.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed; what the service refuses as invalid, too",
            "2:the command line is not right",
            "3:there is no such thing",
            "4:no token, or not the rights",
            "5:in conflict with what exists, or changed meanwhile",
            "6:the service cannot be reached, or is not ready"
        },
        subcommands = {
            AgentReleasesCommand.class,
            AlarmsCommand.class,
            AuditCommand.class,
            ClaimsCommand.class,
            CohortsCommand.class,
            CompressionsCommand.class,
            DeadLettersCommand.class,
            DevicesCommand.class,
            EventsCommand.class,
            FleetCommand.class,
            LoopsCommand.class,
            ModelsCommand.class,
            PairsCommand.class,
            QuarantineCommand.class,
            ReEnrolmentsCommand.class,
            RolloutsCommand.class,
            SamplesCommand.class,
            TokensCommand.class,
            UpdateRolloutsCommand.class,
            UpdatesCommand.class,
            WebhooksCommand.class
        })
public final class Cema implements Runnable {
    @Option(
            names = "--server",
            scope = ScopeType.INHERIT,
            paramLabel = "URL",
            defaultValue = "${env:CEMA_SERVER:-http://127.0.0.1:8080}",
            description = "The cloud service; CEMA_SERVER, else http://127.0.0.1:8080.")
    private URI server;

    @Option(
            names = "--token",
            scope = ScopeType.INHERIT,
            paramLabel = "TOKEN",
            defaultValue = "${env:CEMA_TOKEN:-}",
            description = "Who asks; CEMA_TOKEN keeps it out of the list of processes.")
    private String token;

    @Option(
            names = "--token-file",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            defaultValue = "${env:CEMA_TOKEN_FILE:-}",
            description =
                    "The token from a file; CEMA_TOKEN_FILE. Without any, a service of this machine is asked with its"
                            + " first admin's token, .cema/cloud/access/first-admin.token.")
    private Path tokenFile;

    @Option(
            names = "--authority",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            defaultValue = "${env:CEMA_AUTHORITY:-}",
            description =
                    "For https: the platform's authority.pem, or another authority's; CEMA_AUTHORITY. Without it, a service"
                            + " of this machine is trusted by .cema/cloud/ca/authority.pem, others as Java does.")
    private Path authority;

    @Option(
            names = {"--output", "-o"},
            scope = ScopeType.INHERIT,
            paramLabel = "FORM",
            defaultValue = "table",
            description = "${COMPLETION-CANDIDATES}.")
    private Output.Form output;

    @Option(
            names = {"--help", "-h"},
            scope = ScopeType.INHERIT,
            usageHelp = true,
            description = "This text.")
    private boolean help;

    @Spec
    private CommandSpec spec;

    private ApiClient client;

    public static void main(String[] args) {
        System.exit(run(
                new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8),
                args));
    }

    /** @return the exit code */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        return new CommandLine(new Cema())
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Failures::misused)
                .setExecutionExceptionHandler(new Failures())
                .execute(args);
    }

    /** Without a subcommand there is nothing to do. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "which of the subcommands below?");
    }

    /** The way to the service, with the caller's token. */
    ApiClient client() {
        if (client == null) {
            client = Connection.open(server, token, tokenFile, authority);
        }
        return client;
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    boolean json() {
        return output == Output.Form.JSON;
    }

    /** Shows one thing, with all its fields. */
    void show(Object thing) {
        new Output(out(), output).one(thing);
    }

    /**
     * Shows things.
     *
     * @param columns of a table: fields of the thing, a dot leads into one
     */
    void show(Collection<?> things, String... columns) {
        new Output(out(), output).several(things, columns);
    }

    /** Shows one of many that come one by one: a line each. */
    void event(LiveEvent event) {
        new Output(out(), output).line(event, "at", "type", "subject", "data");
    }

    /** Says that it is done, where there is nothing else to show; programs see the exit code. */
    void done(String sentence) {
        if (!json()) {
            out().println(sentence);
        }
    }
}
