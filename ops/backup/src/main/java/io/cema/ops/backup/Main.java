package io.cema.ops.backup;

import java.io.PrintStream;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code ops/cema backup} and {@code ops/cema restore}. Exit status 0: done; 1: not, and why; 2: the command line. */
@Command(name = "ops/cema", description = "Backup and restore of the cloud service.")
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        Logger.getLogger("org.flywaydb").setLevel(Level.WARNING);
        System.exit(run(System.out, System.err, arguments));
    }

    static int run(PrintStream out, PrintStream err, String... arguments) {
        return new CommandLine(new Main())
                .addSubcommand(new BackupCommand(out))
                .addSubcommand(new RestoreCommand(out))
                .setExecutionExceptionHandler((failure, line, result) -> {
                    err.println("cema: " + failure.getMessage());
                    return 1;
                })
                .execute(arguments);
    }
}
