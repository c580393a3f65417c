package io.cema.trt.power;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On folders as the INA3221 driver makes them. */
class Ina3221SensorTest {
    private static final String CURRENT = SysfsTree.ina3221("1-0040/hwmon/hwmon1/curr1_input");

    @TempDir
    Path sys;

    @Test
    void orinNx_powerIsThatOfTheModulesInput() {
        SysfsTree.orinNx(sys);

        PowerSensor sensor = Ina3221Sensor.open(sys);

        assertThat(sensor.description()).isEqualTo("ina3221 VDD_IN");
        assertThat(sensor.energySource()).isEqualTo(EnergySource.POWER);
        assertThat(sensor.read().watts().orElseThrow()).isCloseTo(6.096, within(1e-9));
    }

    @Test
    void agxOrin_powerIsTheSumOfTheRailsBesideEachOther() {
        SysfsTree.agxOrin(sys);

        PowerSensor sensor = Ina3221Sensor.open(sys);

        assertThat(sensor.description()).isEqualTo("ina3221 VDD_GPU_SOC+VDD_CPU_CV+VIN_SYS_5V0");
        assertThat(sensor.read().watts().orElseThrow()).isCloseTo(14.5, within(1e-9));
    }

    @Test
    void reading_carriesTheThermalZones() {
        SysfsTree.orinNx(sys);

        PowerReading reading = Ina3221Sensor.open(sys).read();

        assertThat(reading.celsius().keySet()).containsExactly("cpu-thermal", "gpu-thermal", "tj-thermal");
        assertThat(reading.hottest().orElseThrow().getKey()).isEqualTo("tj-thermal");
    }

    @Test
    void negativeOffsetOfAnIdleRail_isAllowed() {
        SysfsTree.agxOrin(sys).rail("1-0040/hwmon/hwmon3", 2, "VDD_CPU_CV", 20_000, -8);

        assertThat(Ina3221Sensor.open(sys).read().watts().orElseThrow()).isCloseTo(12.34, within(1e-9));
    }

    @Test
    void negativeTotal_isAnError() {
        SysfsTree.orinNx(sys).file(CURRENT, "-100");
        PowerSensor sensor = Ina3221Sensor.open(sys);

        assertThatThrownBy(sensor::read)
                .isInstanceOf(SensorException.class)
                .hasMessageContaining("ina3221 VDD_IN")
                .hasMessageContaining("-0.508");
    }

    @Test
    void garbage_isAnErrorThatNamesTheFile() {
        SysfsTree.orinNx(sys).file(CURRENT, "12oo");
        PowerSensor sensor = Ina3221Sensor.open(sys);

        assertThatThrownBy(sensor::read)
                .isInstanceOf(SensorException.class)
                .hasMessageContaining(sys.resolve(CURRENT).toString())
                .hasMessageContaining("12oo");
    }

    @Test
    void missingFile_isAnErrorThatNamesItUntilItComes() throws Exception {
        SysfsTree tree = SysfsTree.orinNx(sys);
        Files.delete(sys.resolve(CURRENT));
        PowerSensor sensor = Ina3221Sensor.open(sys);
        assertThatThrownBy(sensor::read)
                .isInstanceOf(SensorException.class)
                .hasMessageContaining(sys.resolve(CURRENT).toString());

        tree.file(CURRENT, "1000");

        assertThat(sensor.read().watts()).hasValue(5.08);
    }

    @Test
    void unreadableFile_isAnErrorThatNamesIt() throws Exception {
        SysfsTree.orinNx(sys);
        Files.delete(sys.resolve(CURRENT));
        Files.createDirectory(sys.resolve(CURRENT));
        PowerSensor sensor = Ina3221Sensor.open(sys);

        assertThatThrownBy(sensor::read)
                .isInstanceOf(SensorException.class)
                .hasMessageContaining(sys.resolve(CURRENT).toString());
    }

    @Test
    void unknownRails_areNotAddedUpByGuess() {
        new SysfsTree(sys).rail("1-0040/hwmon/hwmon1", 1, "VDD_NEW", 5000, 1000);

        assertThatThrownBy(() -> Ina3221Sensor.open(sys))
                .isInstanceOf(SensorException.class)
                .hasMessageContaining("VDD_NEW")
                .hasMessageContaining("VDD_IN");
    }

    @Test
    void noDriver_isSaidWithTheFolder() {
        assertThatThrownBy(() -> Ina3221Sensor.open(sys))
                .isInstanceOf(SensorException.class)
                .hasMessageContaining(sys.resolve("bus/i2c/drivers/ina3221").toString());
    }

    @Test
    void readAfterClose_isAnIllegalState() {
        SysfsTree.orinNx(sys);
        PowerSensor sensor = Ina3221Sensor.open(sys);
        sensor.close();
        sensor.close();

        assertThatThrownBy(sensor::read)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ina3221 VDD_IN");
    }
}
