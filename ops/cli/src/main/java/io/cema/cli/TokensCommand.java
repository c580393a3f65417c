package io.cema.cli;

import io.cema.client.ApiException;
import io.cema.client.api.TokensApi;
import io.cema.client.api.TokensApi.APIIssueTokenRequest;
import io.cema.client.api.TokensApi.APIRevokeTokenRequest;
import io.cema.client.model.NewToken;
import io.cema.client.model.Role;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tokens}. */
@Command(name = "tokens", description = "Who may call, where the service issues tokens itself.")
final class TokensCommand extends Group {
    /** The roles of the service, without the generated client's word for those it does not know. */
    enum Rank {
        MONITOR,
        VIEWER,
        OPERATOR,
        ADMIN
    }

    @Command(name = "create", description = "Issues a token. It is shown once and kept nowhere.")
    void create(
            @Parameters(paramLabel = "SUBJECT", description = "Stands in the audit log.") String subject,
            @Option(
                            names = "--role",
                            required = true,
                            paramLabel = "ROLE",
                            description = "monitor, viewer, operator or admin.")
                    Rank role,
            @Option(names = "--lifetime", paramLabel = "PT8H", description = "How long, in ISO 8601.") String lifetime,
            @Option(names = "--quiet", description = "Shows the token alone.") boolean quiet)
            throws ApiException {
        var token = api().issueToken(APIIssueTokenRequest.newBuilder()
                .newToken(new NewToken()
                        .subject(subject)
                        .role(Role.valueOf(role.name()))
                        .lifetime(lifetime))
                .build());
        if (quiet) {
            cema().out().println(token.getToken());
        } else {
            cema().show(token);
        }
    }

    @Command(name = "revoke", description = "Revokes a token by its id.")
    void revoke(@Parameters(paramLabel = "ID") String id) throws ApiException {
        api().revokeToken(APIRevokeTokenRequest.newBuilder().id(id).build());
        cema().done("token " + id + " counts no more");
    }

    private TokensApi api() {
        return new TokensApi(cema().client());
    }
}
