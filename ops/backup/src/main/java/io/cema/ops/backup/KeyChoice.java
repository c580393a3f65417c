package io.cema.ops.backup;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What becomes of the keys; nobody is left to guess. */
final class KeyChoice {
    @Option(
            names = "--passphrase-file",
            required = true,
            paramLabel = "FILE",
            description = "The keys are in the archive, sealed with the first line of this file.")
    private Path passphraseFile;

    @Option(
            names = "--without-keys",
            required = true,
            description = "The keys are kept apart: signing key, certificate authority, issuer of tokens.")
    private boolean withoutKeys;

    Optional<char[]> passphrase() {
        return Optional.ofNullable(passphraseFile).map(SealedKeys::passphrase);
    }
}
