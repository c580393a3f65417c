package io.cema.edge.serving;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.io.IOException;
import java.util.Arrays;

/**
 * The numbers of a JSON tensor, read from the stream as they come: flat or nested, row by row. No tree of nodes is made
 * of them, for a camera image has a few hundred thousand.
 */
@JsonDeserialize(using = TensorData.Reader.class)
record TensorData(float[] values) {
    static final class Reader extends JsonDeserializer<TensorData> {
        private static final int FIRST_SIZE = 1024;

        @Override
        public TensorData deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            if (!parser.isExpectedStartArrayToken()) {
                throw JsonMappingException.from(parser, "needs an array of numbers, has " + parser.getText());
            }
            float[] values = new float[FIRST_SIZE];
            int count = 0;
            int depth = 1;
            while (depth > 0) {
                JsonToken token = parser.nextToken();
                if (token == JsonToken.START_ARRAY) {
                    depth++;
                } else if (token == JsonToken.END_ARRAY) {
                    depth--;
                } else if (token != null && token.isNumeric()) {
                    if (count == values.length) {
                        values = Arrays.copyOf(values, 2 * count);
                    }
                    values[count++] = parser.getFloatValue();
                } else {
                    throw JsonMappingException.from(
                            parser,
                            "needs numbers, value " + count + " is " + (token == null ? "missing" : parser.getText()));
                }
            }
            return new TensorData(Arrays.copyOf(values, count));
        }
    }
}
