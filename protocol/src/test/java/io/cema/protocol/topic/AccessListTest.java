package io.cema.protocol.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.protocol.topic.Topics.DeviceLeaf;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessListTest {
    private static final Principal CAMERA = new Principal.Device("acme", "cam-1");
    private static final Principal CLOUD = new Principal.Service("acme", "cloud");
    private static final String UPDATE = Topics.update("acme", "east", "0123456789abcdef", "stable");

    private static final UpdateReaders READERS = UpdateReaders.of(Map.of((Principal.Device) CAMERA, Set.of(UPDATE)));

    private static boolean maySubscribe(Principal principal, String filter) {
        return AccessList.maySubscribe(principal, filter, READERS);
    }

    @ParameterizedTest
    @EnumSource(DeviceLeaf.class)
    void device_publishes_what_the_contract_names_and_nothing_else(DeviceLeaf leaf) {
        Set<DeviceLeaf> named = EnumSet.of(
                DeviceLeaf.PRESENCE,
                DeviceLeaf.SAMPLES,
                DeviceLeaf.TELEMETRY,
                DeviceLeaf.REPORTED,
                DeviceLeaf.EVENT,
                DeviceLeaf.RESPONSE,
                DeviceLeaf.STATISTICS);
        assertThat(AccessList.mayPublish(CAMERA, Topics.device("acme", "cam-1", leaf)))
                .isEqualTo(named.contains(leaf));
    }

    @ParameterizedTest
    @EnumSource(DeviceLeaf.class)
    void device_reads_what_the_contract_names_and_nothing_else(DeviceLeaf leaf) {
        Set<DeviceLeaf> named = EnumSet.of(DeviceLeaf.DESIRED, DeviceLeaf.COMMAND, DeviceLeaf.ACK, DeviceLeaf.PRESENCE);
        assertThat(maySubscribe(CAMERA, Topics.device("acme", "cam-1", leaf))).isEqualTo(named.contains(leaf));
    }

    @ParameterizedTest
    @EnumSource(DeviceLeaf.class)
    void device_touches_no_topic_of_another(DeviceLeaf leaf) {
        for (String foreign : new String[] {
            Topics.device("acme", "cam-2", leaf), Topics.device("other", "cam-1", leaf), "$share/g/" + foreignTo(leaf)
        }) {
            assertThat(AccessList.mayPublish(CAMERA, foreign)).as(foreign).isFalse();
            assertThat(maySubscribe(CAMERA, foreign)).as(foreign).isFalse();
        }
    }

    private static String foreignTo(DeviceLeaf leaf) {
        return Topics.device("acme", "cam-1", leaf);
    }

    @Test
    void device_reads_updates_of_its_slots_but_writes_none() {
        assertThat(maySubscribe(CAMERA, UPDATE)).isTrue();
        assertThat(AccessList.mayPublish(CAMERA, UPDATE)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cema/v1/acme/c/west/0123456789abcdef/stable/update",
                "cema/v1/acme/c/east/fedcba9876543210/stable/update",
                "cema/v1/acme/c/east/0123456789abcdef/canary/update",
                "cema/v1/other/c/east/0123456789abcdef/stable/update"
            })
    void device_reads_no_update_of_another_cohort_model_channel_or_tenant(String topic) {
        assertThat(maySubscribe(CAMERA, topic)).isFalse();
    }

    @Test
    void device_that_no_list_names_reads_no_update() {
        assertThat(AccessList.maySubscribe(CAMERA, UPDATE, UpdateReaders.NOBODY))
                .isFalse();
        assertThat(maySubscribe(new Principal.Device("acme", "cam-2"), UPDATE)).isFalse();
    }

    @Test
    void subscription_that_may_yet_be_allowed_is_one_to_updates_of_the_tenant() {
        assertThat(AccessList.mayYetSubscribe(CAMERA, UPDATE)).isTrue();
        assertThat(AccessList.mayYetSubscribe(CAMERA, Topics.update("other", "east", "0123456789abcdef", "stable")))
                .isFalse();
        assertThat(AccessList.mayYetSubscribe(CAMERA, Topics.device("acme", "cam-2", DeviceLeaf.DESIRED)))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#",
                "+/#",
                "$SYS/#",
                "cema/v1/acme/#",
                "cema/v1/acme/d/+/desired",
                "cema/v1/acme/d/cam-1/#",
                "cema/v1/acme/d/cam-1/+",
                "cema/v1/acme/c/+/+/+/update",
                "cema/v1/acme/d/cam-1/desired/",
                ""
            })
    void device_uses_no_wildcard_and_nothing_outside_the_grammar(String filter) {
        assertThat(maySubscribe(CAMERA, filter)).isFalse();
        assertThat(AccessList.mayPublish(CAMERA, filter)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cema/v1/acme/d/+/presence",
                "$share/ingest/cema/v1/acme/d/+/samples",
                "cema/v1/acme/d/cam-1/response"
            })
    void service_reads_below_its_tenant(String filter) {
        assertThat(maySubscribe(CLOUD, filter)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#",
                "cema/v1/+/d/+/presence",
                "cema/v1/acm/d/+/presence",
                "$share/ingest/cema/v1/other/d/+/samples",
                "$share/ingest",
                "$share/ingest/#",
                "$SYS/#"
            })
    void service_reads_nothing_of_another_tenant(String filter) {
        assertThat(maySubscribe(CLOUD, filter)).isFalse();
    }

    @Test
    void service_publishes_topics_of_its_tenant_alone() {
        assertThat(AccessList.mayPublish(CLOUD, Topics.device("acme", "cam-1", DeviceLeaf.DESIRED)))
                .isTrue();
        assertThat(AccessList.mayPublish(CLOUD, UPDATE)).isTrue();
        assertThat(AccessList.mayPublish(CLOUD, Topics.device("other", "cam-1", DeviceLeaf.DESIRED)))
                .isFalse();
        assertThat(AccessList.mayPublish(CLOUD, "cema/v1/acme/anything")).isFalse();
    }

    @Test
    void common_name_parses_to_what_it_was_built_from() {
        assertThat(Principal.parse(CAMERA.commonName())).isEqualTo(CAMERA);
        assertThat(Principal.parse(CLOUD.commonName())).isEqualTo(CLOUD);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "cam-1", "acme/x/cam-1", "acme/d/", "/d/cam-1", "acme/d/cam-1/x", "acme/d/+", "ac#me/d/cam-1"
            })
    void common_name_of_another_form_is_refused(String name) {
        assertThatThrownBy(() -> Principal.parse(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void device_owns_its_own_client_id_alone() {
        assertThat(CAMERA.owns("acme-d-cam-1")).isTrue();
        assertThat(CAMERA.owns("acme-d-cam-2")).isFalse();
        assertThat(CAMERA.owns("cema-acme-cloud-fleet")).isFalse();
    }

    @Test
    void service_owns_client_ids_of_its_tenant_and_no_devices() {
        assertThat(CLOUD.owns("cema-acme-cloud-fleet")).isTrue();
        assertThat(CLOUD.owns("cema-other-cloud-fleet")).isFalse();
        assertThat(CLOUD.owns("acme-d-cam-1")).isFalse();
    }

    /** Tenant a-d-b with device c, and tenant a with device b-d-c, would share the client id a-d-b-d-c. */
    @ParameterizedTest
    @ValueSource(strings = {"a-d-b", "a-d", "cema", "cema-x"})
    void tenant_whose_client_ids_could_be_anothers_is_refused(String tenant) {
        assertThatThrownBy(() -> new Principal.Device(tenant, "c")).hasMessageContaining("choose another name");
    }
}
