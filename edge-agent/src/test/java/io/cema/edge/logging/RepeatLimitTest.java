package io.cema.edge.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jboss.logmanager.ExtLogRecord;
import org.junit.jupiter.api.Test;

class RepeatLimitTest {
    private final AtomicLong nanos = new AtomicLong();
    private final RepeatLimit limit = new RepeatLimit(nanos::get);

    @Test
    void manyOfAKind_endAtTheLimit_andTheNextMinuteSaysHowManyWereLeftOut() {
        for (int i = 0; i < RepeatLimit.LINES; i++) {
            assertThat(limit.isLoggable(line("disk of %s is full"))).isTrue();
        }
        assertThat(limit.isLoggable(line("disk of %s is full"))).isFalse();
        assertThat(limit.isLoggable(line("disk of %s is full"))).isFalse();

        nanos.addAndGet(RepeatLimit.PERIOD.toNanos());
        LogRecord next = line("disk of %s is full");

        assertThat(limit.isLoggable(next)).isTrue();
        assertThat(((ExtLogRecord) next).getFormattedMessage())
                .isEqualTo("disk of /data is full (2 lines like this were left out)");
    }

    @Test
    void anotherKind_isNotHeldUp() {
        for (int i = 0; i <= RepeatLimit.LINES; i++) {
            limit.isLoggable(line("disk of %s is full"));
        }

        assertThat(limit.isLoggable(line("model %s is in use"))).isTrue();
    }

    private static LogRecord line(String text) {
        ExtLogRecord line =
                new ExtLogRecord(Level.WARNING, text, ExtLogRecord.FormatStyle.PRINTF, RepeatLimitTest.class.getName());
        line.setLoggerName("io.cema.edge");
        line.setParameters(new Object[] {"/data"});
        return line;
    }
}
