package io.cema.cloud.http;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Set;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** Answers 304 without a body where a resource gives an entity tag and the caller's {@code If-None-Match} names it. */
class ConditionalGet {
    private static final Set<String> READING = Set.of("GET", "HEAD");

    @ServerResponseFilter
    public void answer(ContainerRequestContext request, ContainerResponseContext response) {
        String known = request.getHeaderString(HttpHeaders.IF_NONE_MATCH);
        if (known == null || response.getStatus() != 200 || !READING.contains(request.getMethod())) {
            return;
        }
        String tag = response.getHeaderString(HttpHeaders.ETAG);
        if (tag != null && names(known, tag)) {
            response.setStatus(304);
            response.setEntity(null);
        }
    }

    /** Weakly compared, as RFC 9110 says for this header. */
    private static boolean names(String header, String tag) {
        for (String one : header.split(",")) {
            String known = one.strip();
            if (known.equals("*") || strong(known).equals(strong(tag))) {
                return true;
            }
        }
        return false;
    }

    private static String strong(String tag) {
        return tag.startsWith("W/") ? tag.substring(2) : tag;
    }
}
