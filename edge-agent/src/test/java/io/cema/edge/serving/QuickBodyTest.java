package io.cema.edge.serving;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuickBodyTest {
    /** What is not quick goes to a worker thread, for an event loop has other connections to look after. */
    @ParameterizedTest
    @CsvSource({
        "12400, 120, true", // a small picture in binary
        "602300, 190, true", // 3 x 224 x 224 in binary
        "4000000, 190, false", // too much to copy
        "60000, , false", // all of it JSON
        "60000, 59000, false", // most of it JSON
        "12400, many, true", // refused at once
        "12400, -1, true", // likewise
    })
    void quick_byHowMuchThereIsToParseAndToCopy(int body, String jsonLength, boolean quick) {
        assertThat(InferRequestReader.quick(body, jsonLength)).isEqualTo(quick);
    }
}
