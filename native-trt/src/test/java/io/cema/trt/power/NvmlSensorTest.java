package io.cema.trt.power;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cema.trt.power.PowerSensors.Choice;
import io.cema.trt.power.PowerSensors.Found;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** On a machine with a data-centre card. */
@Tag("gpu")
class NvmlSensorTest {
    @Test
    void card_isTheSensorOfTheMachine() {
        try (PowerSensor sensor = PowerSensors.detect().sensor()) {
            assertThat(sensor.description()).startsWith("nvml NVIDIA");
            assertThat(sensor.energySource()).isEqualTo(EnergySource.COUNTER);
        }
    }

    @Test
    void power_isOneOfACard() {
        try (PowerSensor sensor = NvmlSensor.open(Optional.empty())) {
            assertThat(sensor.read().watts().orElseThrow()).isBetween(1.0, 2000.0);
            assertThat(sensor.read().celsius().get("GPU")).isBetween(1.0, 120.0);
        }
    }

    @Test
    void energy_rises() {
        try (PowerSensor sensor = NvmlSensor.open(Optional.empty())) {
            EnergyMeter meter = new EnergyMeter(sensor.energySource(), System::nanoTime);
            meter.sample(sensor.read());
            // An idle card draws tens of watts, so a joule takes a fraction of a second.
            await().until(() -> {
                meter.sample(sensor.read());
                return meter.joules().orElseThrow() > 1;
            });
        }
    }

    @Test
    void cardThatIsNotThere_isSaidWithItsBusId() {
        Found found = PowerSensors.find(Choice.NVML, PowerSensors.SYS, Optional.of("00000000:FE:1F.0"));

        assertThat(found.description()).startsWith("none (NVML: no card at PCI bus id 00000000:FE:1F.0");
    }

    @Test
    void twoSensorsOfOneCard_areClosedEachForItself() {
        PowerSensor first = NvmlSensor.open(Optional.empty());
        try (PowerSensor second = NvmlSensor.open(Optional.empty())) {
            first.close();
            first.close();

            assertThat(second.read().watts()).isPresent();
            assertThatThrownBy(first::read)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(first.description());
        }
    }
}
