package io.cema.cloud.security;

import io.cema.cloud.fleet.DeviceDeparture;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;

/** A device that leaves the fleet loses its certificates and open claims; the new list makes the broker end its session. */
@ApplicationScoped
class DeviceRevocation implements DeviceDeparture {
    private final PlatformAuthority platform;
    private final Claims claims;
    private final Certificates certificates;
    private final RevocationList revocations;

    DeviceRevocation(PlatformAuthority platform, Claims claims, Certificates certificates, RevocationList revocations) {
        this.platform = platform;
        this.claims = claims;
        this.certificates = certificates;
        this.revocations = revocations;
    }

    @Override
    public Uni<Void> leave(SqlConnection connection, String device) {
        return claims.withdrawOpen(connection, device)
                .chain(() -> certificates.revoke(connection, device, "decommissioned by an operator"))
                .replaceWithVoid();
    }

    @Override
    public Uni<Void> left(String device) {
        return platform.enabled()
                ? Uni.createFrom()
                        .voidItem()
                        .emitOn(Infrastructure.getDefaultWorkerPool())
                        .invoke(revocations::refresh)
                : Uni.createFrom().voidItem();
    }
}
