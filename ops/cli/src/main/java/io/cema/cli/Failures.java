package io.cema.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.cema.client.ApiException;
import io.cema.client.JSON;
import io.cema.client.model.Problem;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Says what went wrong, why, and what to do, on the standard error output; the exit code says which kind it was. */
final class Failures implements IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        if (e instanceof ApiException failure) {
            return answered(failure, err).code();
        }
        err.println("cema: " + message(e));
        return (e instanceof IOException ? ExitCode.UNREACHABLE : ExitCode.FAILED).code();
    }

    private static ExitCode answered(ApiException failure, PrintWriter err) {
        ExitCode code = ExitCode.of(failure.getCode());
        Optional<Problem> problem = problem(failure);
        err.println("cema: "
                + problem.map(Problem::getTitle)
                        .orElse(failure.getCode() == 0 ? "No answer" : "The service answers " + failure.getCode()));
        err.println("  " + problem.map(Problem::getDetail).orElseGet(() -> message(failure)));
        remedy(code).ifPresent(remedy -> err.println("  " + remedy));
        return code;
    }

    private static Optional<String> remedy(ExitCode code) {
        return switch (code) {
            case NO_RIGHTS -> Optional.of("Give a token that may: --token-file FILE, or CEMA_TOKEN; `ops/cema tokens create`"
                    + " makes one.");
            case CONFLICT -> Optional.of("Look at it again, and decide anew.");
            case UNREACHABLE -> Optional.of(
                    "Does the service run, and does --server name it? `ops/cema cloud` starts one on this machine.");
            default -> Optional.empty();
        };
    }

    private static Optional<Problem> problem(ApiException failure) {
        try {
            return failure.getResponseBody() == null || !failure.getResponseBody().startsWith("{")
                    ? Optional.empty()
                    : Optional.of(JSON.getDefault().getMapper().readValue(failure.getResponseBody(), Problem.class));
        } catch (JsonProcessingException e) {
            return Optional.empty(); // of something else that listens there
        }
    }

    /** The innermost that says something. */
    private static String message(Throwable e) {
        String found = e.getClass().getSimpleName();
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null && !cause.getMessage().isBlank()) {
                found = cause instanceof ApiException ? cause.getMessage() : cause.getClass().getSimpleName() + ": " + cause.getMessage();
            } else if (cause.getCause() == null) {
                found = cause.getClass().getSimpleName();
            }
        }
        return found;
    }
}
