package io.cema.cloud.fleet;

import io.cema.cloud.messaging.Outbox;
import io.cema.protocol.message.DesiredState;
import io.cema.protocol.signature.EnvelopeOpener;
import io.cema.protocol.topic.Topics;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * What a device has to fetch: the models, manifests and packages that its newest desired state names, as it was sent. Read
 * from the message itself rather than derived anew, so that whatever sends a device something also lets it in.
 */
@ApplicationScoped
public class WishedArtefacts {
    private final Outbox outbox;
    private final String tenant;

    WishedArtefacts(Outbox outbox, @ConfigProperty(name = "cema.tenant") String tenant) {
        this.outbox = outbox;
        this.tenant = tenant;
    }

    /** Whether that is one of them; no device that has no desired state has any. */
    public Uni<Boolean> names(SqlConnection connection, String device, String digest) {
        return outbox.retained(connection, Topics.device(tenant, device, Topics.DeviceLeaf.DESIRED))
                .map(found -> found.map(
                                payload -> EnvelopeOpener.openUnsigned(payload, DesiredState.getDefaultInstance()))
                        .filter(state -> names(state, digest))
                        .isPresent());
    }

    private static boolean names(DesiredState state, String digest) {
        return state.getSlotsList().stream()
                        .anyMatch(slot -> slot.getModelDigest().equals(digest)
                                || slot.getManifestDigest().equals(digest))
                || state.getAgentPackagesList().stream()
                        .anyMatch(archive -> archive.getSha256().equals(digest));
    }
}
