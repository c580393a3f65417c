package io.cema.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.cema.client.ApiException;
import io.cema.client.JSON;
import io.cema.client.model.Problem;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.nio.file.FileSystemException;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Says what went wrong, why, and what to do, on the standard error output; the exit code says which kind it was. */
final class Failures implements IExecutionExceptionHandler {
    /** A command line that is not one. */
    static int misused(CommandLine.ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        command.getErr().println("cema: " + e.getMessage());
        command.getErr().println("  `" + command.getCommandSpec().qualifiedName() + " --help` tells what it takes.");
        return ExitCode.USAGE.code();
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        if (e instanceof CommandLine.ParameterException misuse) {
            return misused(misuse, new String[0]);
        }
        Optional<Problem> problem = e instanceof ApiException answer ? problem(answer) : Optional.empty();
        ExitCode code = code(e);
        err.println("cema: " + problem.map(Problem::getTitle).orElse(title(e)));
        err.println("  " + problem.map(Problem::getDetail).orElseGet(() -> message(e)));
        remedy(code).ifPresent(remedy -> err.println("  " + remedy));
        return code.code();
    }

    private static ExitCode code(Exception e) {
        if (e instanceof ApiException answer) {
            return ExitCode.of(answer.getCode());
        }
        return e instanceof IOException && !(e instanceof FileSystemException) ? ExitCode.UNREACHABLE : ExitCode.FAILED;
    }

    private static String title(Exception e) {
        if (e instanceof ApiException answer && answer.getCode() != 0) {
            return "The service answers " + answer.getCode();
        }
        return code(e) == ExitCode.UNREACHABLE ? "No answer" : "Not done";
    }

    private static Optional<String> remedy(ExitCode code) {
        return switch (code) {
            case NO_RIGHTS ->
                Optional.of("Give a token that may: --token-file FILE, or CEMA_TOKEN; `ops/cema tokens create`"
                        + " makes one.");
            case CONFLICT -> Optional.of("Look at it again, and decide anew.");
            case UNREACHABLE ->
                Optional.of(
                        "Does the service run, and does --server name it? `ops/cema cloud` starts one on this machine.");
            default -> Optional.empty();
        };
    }

    private static Optional<Problem> problem(ApiException failure) {
        try {
            return failure.getResponseBody() == null
                            || !failure.getResponseBody().startsWith("{")
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
            if (cause instanceof ConnectException) {
                return "nothing listens there";
            }
            if (cause.getMessage() != null && !cause.getMessage().isBlank()) {
                found = cause instanceof ApiException || cause instanceof IllegalArgumentException
                        ? cause.getMessage()
                        : cause.getClass().getSimpleName() + ": " + cause.getMessage();
            } else if (cause.getCause() == null) {
                found = cause.getClass().getSimpleName();
            }
        }
        return found;
    }
}
