package io.cema.cloud.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;

/** Answers with the entity tag of what they show. */
@ApplicationScoped
public class TaggedAnswers {
    private final ObjectMapper json;

    TaggedAnswers(ObjectMapper json) {
        this.json = json;
    }

    /** @param version of the row that {@code If-Match} asks for */
    public Response ok(long version, Object entity) {
        return tagged(Response.ok(), version, entity);
    }

    /** The same for an answer that is no plain 200. */
    public Response tagged(Response.ResponseBuilder answer, long version, Object entity) {
        try {
            return answer.tag(EntityTags.of(version, json.writeValueAsBytes(entity)))
                    .entity(entity)
                    .build();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(entity.getClass().getName() + " is not JSON", e);
        }
    }
}
