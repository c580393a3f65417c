package io.cema.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cema.client.model.Device;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeviceSlotTest {
    @Test
    void slots_areShownWithWhatTheDeviceSaysOfThem() {
        Device device = new Device()
                .cohort("yard")
                .slots(List.of("yard", "plates", "people"))
                .reported(Map.of(
                        "slots",
                        List.of(
                                Map.of("cohort", "plates", "modelDigest", "b", "updateVersion", "01J", "engine", "e"),
                                Map.of("cohort", "yard", "modelDigest", "a", "updateVersion", "", "engine", "e"))));

        assertThat(DeviceSlot.of(device))
                .containsExactly(
                        new DeviceSlot("yard", true, "a", "base", "e"),
                        new DeviceSlot("plates", false, "b", "01J", "e"),
                        new DeviceSlot("people", false, null, null, null));
    }

    @Test
    void deviceThatReportedNothing_hasSlotsAllTheSame() {
        assertThat(DeviceSlot.of(new Device().slots(List.of("yard"))))
                .containsExactly(new DeviceSlot("yard", false, null, null, null));
    }
}
