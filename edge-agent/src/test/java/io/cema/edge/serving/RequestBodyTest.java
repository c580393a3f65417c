package io.cema.edge.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestBodyTest {
    @ParameterizedTest
    @CsvSource({"20000, 1000", "20000, 20000", ", 1000", "200000, 8192", "0, 1", "100, 3000"})
    void parts_areJoined_whateverWasAnnounced(String announced, int part) {
        RequestBody body = new RequestBody(announced, new ServingLimits(1 << 20));
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        for (int i = 0; i < 20; i++) {
            byte[] bytes = new byte[part];
            Arrays.fill(bytes, (byte) i);
            sent.writeBytes(bytes);

            body.add(Buffer.buffer(bytes));
        }

        assertThat(body.bytes()).isEqualTo(sent.toByteArray());
    }

    @Test
    void body_withoutParts_isEmpty() {
        assertThat(new RequestBody("0", new ServingLimits(10)).bytes()).isEmpty();
    }

    @Test
    void part_aboveTheLimit_isRefusedOnceAndTheRestDropped() {
        RequestBody body = new RequestBody(null, new ServingLimits(10));
        body.add(Buffer.buffer(new byte[10]));

        assertThatExceptionOfType(InferenceRequestException.class)
                .isThrownBy(() -> body.add(Buffer.buffer(new byte[1])))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.TOO_LARGE));
        assertThatNoException().isThrownBy(() -> body.add(Buffer.buffer(new byte[100])));
        assertThat(body.bytes()).isEmpty();
    }
}
