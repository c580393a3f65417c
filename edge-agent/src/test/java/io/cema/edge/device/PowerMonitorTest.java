package io.cema.edge.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.protocol.message.Power;
import io.cema.protocol.message.Telemetry;
import io.cema.trt.power.PowerSensors;
import io.cema.trt.power.PowerSensors.Choice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a folder as the INA3221 driver makes it, and on an empty one. */
class PowerMonitorTest {
    private static final Duration TELEMETRY = Duration.ofSeconds(10);

    private final AtomicLong clock = new AtomicLong();

    @TempDir
    Path sys;

    @Test
    void powerWithoutCounter_isSampledOnceASecond() throws IOException {
        try (PowerMonitor jetson = jetson()) {
            assertThat(jetson.interval(TELEMETRY)).isEqualTo(Duration.ofSeconds(1));
            assertThat(jetson.interval(Duration.ofMillis(500))).isEqualTo(Duration.ofMillis(500));
        }
    }

    @Test
    void nothingToIntegrate_isSampledAsOftenAsItIsTold() {
        try (PowerMonitor nothing = nothing()) {
            assertThat(nothing.interval(TELEMETRY)).isEqualTo(TELEMETRY);
        }
    }

    @Test
    void noSensor_isSaidAndNoValueIsMadeUp() {
        try (PowerMonitor nothing = nothing()) {
            nothing.sample();

            assertThat(message(nothing))
                    .isEqualTo(Power.newBuilder().setSensor("none").build());
        }
    }

    @Test
    void failedRead_isSaidAndItsTimeIsBridged() throws IOException {
        try (PowerMonitor jetson = jetson()) {
            jetson.sample();
            current("broken");
            clock.addAndGet(Duration.ofSeconds(4).toNanos());
            jetson.sample();

            Power failed = message(jetson);
            assertThat(failed.getProblem()).contains("curr1_input").contains("broken");
            assertThat(failed.hasWatts()).isFalse();
            assertThat(failed.hasCelsius()).isFalse();
            assertThat(failed.hasJoules()).isFalse();

            current("1200");
            clock.addAndGet(Duration.ofSeconds(6).toNanos());
            jetson.sample();

            Power well = message(jetson);
            assertThat(well.getProblem()).isEmpty();
            assertThat(well.getWatts()).isEqualTo(6);
            assertThat(well.getJoules()).isEqualTo(60);
        }
    }

    @Test
    void sampleAfterClose_isNone() throws IOException {
        PowerMonitor jetson = jetson();
        jetson.sample();
        jetson.close();

        jetson.sample();

        assertThat(message(jetson).getWatts()).isEqualTo(6);
    }

    private PowerMonitor nothing() {
        return new PowerMonitor(
                PowerSensors.find(Choice.INA3221, sys, Optional.empty()).sensor(), clock::get);
    }

    private PowerMonitor jetson() throws IOException {
        Files.createDirectories(hwmon());
        Files.writeString(hwmon().resolve("in1_label"), "VDD_IN\n");
        Files.writeString(hwmon().resolve("in1_input"), "5000\n");
        current("1200");
        return new PowerMonitor(
                PowerSensors.find(Choice.INA3221, sys, Optional.empty()).sensor(), clock::get);
    }

    private void current(String line) throws IOException {
        Files.writeString(hwmon().resolve("curr1_input"), line + "\n");
    }

    private Path hwmon() {
        return sys.resolve("bus/i2c/drivers/ina3221/1-0040/hwmon/hwmon1");
    }

    private static Power message(PowerMonitor monitor) {
        Telemetry.Builder telemetry = Telemetry.newBuilder();
        monitor.fillInto(telemetry);
        return telemetry.getPower();
    }
}
