package io.cema.cloud.event;

import io.vertx.ext.web.RoutingContext;

/**
 * Who asks, and from where. The address is the connection's; a proxy's forwarded header counts only where the HTTP server
 * is told to trust that proxy.
 *
 * @param who the subject of a token, {@code device:ID}, {@code service} or {@code anonymous}
 */
public record Actor(String who, String address) {
    private static final String KEY = Actor.class.getName();
    private static final String ANONYMOUS = "anonymous";

    /** The service itself, where it acts by itself. */
    public static Actor service() {
        return new Actor("service", "-");
    }

    /** The one that a filter attached to the request; anonymous without one. */
    public static Actor of(RoutingContext request) {
        Actor attached = request.get(KEY);
        return attached == null ? new Actor(ANONYMOUS, address(request)) : attached;
    }

    /** Says who asks, for all that comes after. */
    public static Actor attach(RoutingContext request, String who) {
        Actor actor = new Actor(who, address(request));
        request.put(KEY, actor);
        return actor;
    }

    /** The same place, but a device that proved itself. */
    public Actor asDevice(String device) {
        return new Actor("device:" + device, address);
    }

    private static String address(RoutingContext request) {
        var remote = request.request().remoteAddress();
        return remote == null || remote.hostAddress() == null ? "unknown" : remote.hostAddress();
    }
}
