package io.cema.trt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/**
 * The file has the form that TensorRT 8.6 to 10 write at detailed verbosity, put together from public reports; none has been
 * recorded from a run of our own yet.
 */
class LayerReportTest {
    private static LayerReport report() throws IOException {
        try (InputStream in = LayerReportTest.class.getResourceAsStream("layers.json")) {
            return LayerReport.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void tells_the_precision_each_layer_runs_in() throws IOException {
        assertThat(report().layers())
                .extracting(LayerReport.Layer::inputType)
                .containsExactly("Float", "Int8", "Int8", "Half");
        assertThat(report().layers())
                .extracting(LayerReport.Layer::outputType)
                .containsExactly("Int8", "Int8", "Half", "Float");
        assertThat(report().int8Layers()).isEqualTo(2);
        assertThat(report().byInputType()).containsEntry("Int8", 2).containsEntry("Half", 1);
    }

    @Test
    void counts_sparse_kernels_and_not_sparse_weights() throws IOException {
        assertThat(report().layers())
                .filteredOn(LayerReport.Layer::runsSparse)
                .extracting(LayerReport.Layer::name)
                .containsExactly("layer1.conv1 + layer1.relu");
        assertThat(report().sparseLayers()).isEqualTo(1);
    }

    @Test
    void names_alone_are_layers_of_unknown_precision() {
        LayerReport report = LayerReport.parse("{\"Layers\": [\"conv1\", \"fc\"], \"Bindings\": []}");
        assertThat(report.layers()).hasSize(2);
        assertThat(report.byInputType()).containsOnlyKeys("unknown");
    }

    @Test
    void what_is_no_report_is_refused() {
        assertThatThrownBy(() -> LayerReport.parse("conv1\nconv2")).hasMessageContaining("no JSON");
        assertThatThrownBy(() -> LayerReport.parse("{}")).hasMessageContaining("no list \"Layers\"");
    }
}
