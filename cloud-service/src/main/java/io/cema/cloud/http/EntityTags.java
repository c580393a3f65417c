package io.cema.cloud.http;

import jakarta.ws.rs.core.EntityTag;
import java.util.Optional;

/**
 * Strong entity tags made of a row's version: {@code "7"}. A change that carries {@code If-Match} is made only to the
 * version it names, so that two operators cannot undo each other's work unseen.
 */
public final class EntityTags {
    private static final String ANY = "*";

    private EntityTags() {}

    public static EntityTag of(long version) {
        return new EntityTag(Long.toString(version));
    }

    /**
     * Call in the transaction of the change, on the locked row.
     *
     * @param ifMatch the request's header: one tag, several with commas between them, or {@code *}
     * @throws ProblemException 412 if the header is there and does not name {@code version}
     */
    public static void requireMatch(Optional<String> ifMatch, long version) {
        if (ifMatch.isPresent() && !matches(ifMatch.get(), version)) {
            throw new ProblemException(
                    412,
                    "stale-version",
                    "Changed meanwhile",
                    "If-Match is " + ifMatch.get() + ", but the resource stands at \"" + version
                            + "\": read it again and decide anew");
        }
    }

    private static boolean matches(String header, long version) {
        for (String tag : header.split(",")) {
            String wanted = tag.strip();
            if (wanted.equals(ANY) || wanted.equals('"' + Long.toString(version) + '"')) {
                return true;
            }
        }
        return false;
    }
}
