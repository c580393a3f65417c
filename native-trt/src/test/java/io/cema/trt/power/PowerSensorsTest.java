package io.cema.trt.power;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.cema.trt.power.PowerSensors.Choice;
import io.cema.trt.power.PowerSensors.Found;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which sensor is taken, and what is said of the others. */
class PowerSensorsTest {
    @TempDir
    Path sys;

    @Test
    void jetson_monitorsComeBeforeZones() {
        SysfsTree.orinNx(sys);
        assumeNoCard();

        assertThat(auto().sensor().description()).isEqualTo("ina3221 VDD_IN");
    }

    @Test
    void noMonitor_zonesAreTakenAndWhyIsSaid() {
        new SysfsTree(sys).zone(0, "x86_pkg_temp", "61500");
        assumeNoCard();

        assertThat(auto().description()).startsWith("thermal zones (no NVML: ").contains("no ina3221 below");
    }

    @Test
    void nothingAtAll_isSaidWithAllReasonsInOneLine() {
        assumeNoCard();

        Found found = auto();

        assertThat(found.description())
                .startsWith("none (no NVML: ")
                .contains("no ina3221 below")
                .contains("no thermal zone below")
                .doesNotContain("\n");
        assertThat(found.sensor().read()).isEqualTo(PowerReading.nothing());
    }

    @Test
    void noDriverLibrary_isTheSameClearReasonAtEachAttempt() {
        assumeNoCard();
        Found first = PowerSensors.find(Choice.NVML, sys, Optional.empty());

        Found second = PowerSensors.find(Choice.NVML, sys, Optional.of("00000000:65:00.0"));

        assertThat(first.passedOver()).singleElement().asString().matches("no NVML: lib.*\\.so.*");
        assertThat(second.passedOver()).isEqualTo(first.passedOver());
    }

    @Test
    void thisMachine_hasAnAnswer() {
        try (PowerSensor sensor = PowerSensors.detect().sensor()) {
            assertThat(sensor.description()).isNotBlank();
        }
    }

    @Test
    void wishForOneKind_takesNoOther() {
        new SysfsTree(sys).zone(0, "x86_pkg_temp", "61500");

        Found found = PowerSensors.find(Choice.INA3221, sys, Optional.empty());

        assertThat(found.sensor().description()).isEqualTo("none");
        assertThat(found.passedOver()).singleElement().asString().startsWith("no ina3221 below");
    }

    @Test
    void wishForNone_asksNobody() {
        SysfsTree.orinNx(sys);

        assertThat(PowerSensors.find(Choice.NONE, sys, Optional.empty()).description())
                .isEqualTo("none");
    }

    private Found auto() {
        return PowerSensors.find(Choice.AUTO, sys, Optional.empty());
    }

    /** On a machine with a card, the card comes first: see NvmlSensorTest. */
    private void assumeNoCard() {
        try (PowerSensor sensor =
                PowerSensors.find(Choice.NVML, sys, Optional.empty()).sensor()) {
            assumeThat(sensor.description()).isEqualTo("none");
        }
    }
}
