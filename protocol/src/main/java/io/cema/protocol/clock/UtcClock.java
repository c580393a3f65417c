package io.cema.protocol.clock;

import java.time.Clock;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that shows moments; whoever wants the hours of another zone makes them of those. */
public abstract class UtcClock extends Clock {
    @Override
    public final ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    /** Always of UTC. */
    @Override
    public final Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("this clock is of UTC");
    }
}
