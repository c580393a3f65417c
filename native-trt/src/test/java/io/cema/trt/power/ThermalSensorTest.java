package io.cema.trt.power;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On folders as the thermal framework makes them. */
class ThermalSensorTest {
    @TempDir
    Path sys;

    @Test
    void zones_areReadInDegrees() {
        new SysfsTree(sys).zone(0, "x86_pkg_temp", "61500");

        PowerSensor sensor = ThermalSensor.open(sys);

        assertThat(sensor.read().celsius()).containsExactly(entry("x86_pkg_temp", 61.5));
        assertThat(sensor.read().watts()).isEmpty();
        assertThat(sensor.energySource()).isEqualTo(EnergySource.NONE);
    }

    @Test
    void zoneThatFails_isLeftOutAndTheOthersAreNot() {
        new SysfsTree(sys)
                .zone(0, "cpu-thermal", "45000")
                .failingZone(1, "cv0-thermal")
                .zone(2, "gpu-thermal", "44000");

        assertThat(ThermalSensor.open(sys).read().celsius().keySet()).containsExactly("cpu-thermal", "gpu-thermal");
    }

    @Test
    void zoneThatSaysOff_isLeftOut() {
        new SysfsTree(sys).zone(0, "cpu-thermal", "45000").zone(1, "cv0-thermal", "-256000");

        assertThat(ThermalSensor.open(sys).read().celsius().keySet()).containsExactly("cpu-thermal");
    }

    @Test
    void coldMachine_isColdRatherThanOff() {
        new SysfsTree(sys).zone(0, "cpu-thermal", "-20500");

        assertThat(ThermalSensor.open(sys).read().celsius()).containsExactly(entry("cpu-thermal", -20.5));
    }

    @Test
    void twoZonesOfOneType_areBothThere() {
        new SysfsTree(sys).zone(0, "acpitz", "30000").zone(1, "acpitz", "40000");

        assertThat(ThermalSensor.open(sys).read().celsius())
                .containsExactly(entry("acpitz", 30.0), entry("acpitz thermal_zone1", 40.0));
    }

    @Test
    void garbage_isAnErrorThatNamesTheFile() {
        new SysfsTree(sys).zone(3, "cpu-thermal", "warm");
        PowerSensor sensor = ThermalSensor.open(sys);

        assertThatThrownBy(sensor::read)
                .isInstanceOf(SensorException.class)
                .hasMessageContaining(
                        sys.resolve("class/thermal/thermal_zone3/temp").toString())
                .hasMessageContaining("warm");
    }

    @Test
    void readAfterClose_isAnIllegalState() {
        new SysfsTree(sys).zone(0, "cpu-thermal", "45000");
        PowerSensor sensor = ThermalSensor.open(sys);
        sensor.close();

        assertThatThrownBy(sensor::read).isInstanceOf(IllegalStateException.class);
    }
}
