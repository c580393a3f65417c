package io.cema.ops.access;

import io.cema.protocol.signature.SignedLines;
import io.cema.protocol.topic.AccessList;
import io.cema.protocol.topic.Principal;
import io.cema.protocol.topic.UpdateReaders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The slots of all devices, from a file that the cloud service signs and replaces. Without a good one no device reads any
 * updates; the last good one counts for as long as there is no other, be the cloud there or not. Thread-safe.
 */
final class Slots {
    private final KeptFile<UpdateReaders> list;

    Slots(Path authorityFile, Path listFile) {
        AuthorityFile authority = new AuthorityFile(authorityFile);
        this.list = new KeptFile<>(
                "list of slots",
                listFile,
                "no device reads updates",
                bytes -> UpdateReaders.parse(SignedLines.open(
                        UpdateReaders.SIGNED, new String(bytes, StandardCharsets.UTF_8), authority.key())));
    }

    /** As {@link KeptFile#refresh}. */
    void refresh() {
        list.refresh();
    }

    /** Whether it may subscribe there, and be given what is published there, now. */
    boolean allow(Principal principal, String filter) {
        return AccessList.maySubscribe(principal, filter, list.content().orElse(UpdateReaders.NOBODY));
    }
}
