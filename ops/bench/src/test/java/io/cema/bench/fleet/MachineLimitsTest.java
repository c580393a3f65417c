package io.cema.bench.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class MachineLimitsTest {
    @Test
    void the_soft_limit_of_open_files_counts() {
        assertThat(MachineLimits.openFiles(List.of(
                        "Limit                     Soft Limit           Hard Limit           Units     ",
                        "Max processes             95867                95867                processes ",
                        "Max open files            1024                 524288               files     ")))
                .isEqualTo(1024);
    }

    @Test
    void both_ends_of_the_range_of_ports_count() {
        assertThat(MachineLimits.ports("32768\t60999\n")).isEqualTo(28_232);
    }

    @Test
    void what_is_too_low_is_told_with_the_command_that_raises_it() throws IOException {
        assertThat(MachineLimits.shortOf(1_000_000_000))
                .anySatisfy(fault -> assertThat(fault).contains("ulimit -n 1000001500"))
                .anySatisfy(fault -> assertThat(fault).contains("net.ipv4.ip_local_port_range"));
    }
}
