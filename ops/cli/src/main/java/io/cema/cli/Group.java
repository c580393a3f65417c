package io.cema.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** What the commands of one resource have in common: named alone, it does nothing. */
abstract class Group implements Runnable {
    @ParentCommand
    private Cema cema;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "which of the subcommands below?");
    }

    Cema cema() {
        return cema;
    }
}
