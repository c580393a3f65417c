package io.cema.edge.uplink;

import io.cema.edge.storage.DurableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.zip.CRC32;
import org.jboss.logging.Logger;

/**
 * What was sent in each minute of the last day, in a memory-mapped file that outlives the process. Minutes are counted by
 * the monotonic clock, which goes on from process to process; after a reboot, when nobody knows how long it took, they go
 * on where they stood. The clock on the wall is never asked. A damaged file counts as a day's budget spent. Not thread-safe.
 */
final class TrafficLedger {
    private static final Logger LOG = Logger.getLogger(TrafficLedger.class);
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final long MAGIC = 0x43454D4142554431L; // CEMABUD1
    private static final long MINUTE_NANOS = 60_000_000_000L;
    /** More than any budget, and no overflow when a day of it is added up. */
    private static final long SPENT = 1L << 50;

    static final int DAY = 24 * 60;
    private static final int MINUTES = DAY + 1;
    private static final int BOOT = 8;
    private static final int NANOS = 16;
    private static final int AGE = 24;
    private static final int SLOTS = 32;
    private static final int SIZE = SLOTS + 8 * MINUTES;

    private final MappedByteBuffer page;
    private final LongSupplier nanoClock;

    private TrafficLedger(MappedByteBuffer page, LongSupplier nanoClock) {
        this.page = page;
        this.nanoClock = nanoClock;
    }

    static TrafficLedger open(Path file) throws IOException {
        return open(file, System::nanoTime, bootId());
    }

    /** @param boot names the boot whose monotonic clock it is */
    static TrafficLedger open(Path file, LongSupplier nanoClock, String boot) throws IOException {
        boolean damaged = Files.exists(file) && !sound(Files.readAllBytes(file));
        if (damaged || !Files.exists(file)) {
            ByteBuffer fresh = ByteBuffer.allocate(SIZE).putLong(0, MAGIC).putLong(SLOTS, damaged ? SPENT : 0);
            DurableFile.write(file, fresh);
        }
        if (damaged) {
            LOG.warnf(
                    "%s is damaged: the upload budget counts as spent; it is free again after an hour or a day", file);
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            TrafficLedger ledger = new TrafficLedger(channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE), nanoClock);
            ledger.resume(boot);
            return ledger;
        }
    }

    /** Bytes of the present minute and so many whole ones before it: at least those of a sliding window of that length. */
    long sent(int minutes) {
        long present = advance();
        long sum = 0;
        for (long minute = present; minute >= Math.max(0, present - minutes); minute--) {
            sum += page.getLong(slot(minute));
        }
        return sum;
    }

    /** @param durable whether it must survive a loss of power too, at the price of a write to the disk */
    void add(long bytes, boolean durable) {
        int slot = slot(advance());
        page.putLong(slot, page.getLong(slot) + bytes);
        if (durable) {
            page.force();
        }
    }

    private void resume(String boot) {
        CRC32 crc = new CRC32();
        crc.update(boot.getBytes(StandardCharsets.UTF_8));
        long now = nanoClock.getAsLong();
        if (page.getLong(BOOT) != crc.getValue() || now - page.getLong(NANOS) < 0) {
            page.putLong(NANOS, now);
            page.putLong(BOOT, crc.getValue());
        }
    }

    /** @return the present minute, counted from the ledger's beginning */
    private long advance() {
        long now = nanoClock.getAsLong();
        long before = page.getLong(AGE);
        long age = before + Math.max(0, now - page.getLong(NANOS));
        long present = age / MINUTE_NANOS;
        for (long minute = Math.max(before / MINUTE_NANOS, present - MINUTES) + 1; minute <= present; minute++) {
            page.putLong(slot(minute), 0);
        }
        // In this order a kill between the two loses time, and never forgets what was sent.
        page.putLong(NANOS, now);
        page.putLong(AGE, age);
        return present;
    }

    private static int slot(long minute) {
        return SLOTS + 8 * (int) (minute % MINUTES);
    }

    private static boolean sound(byte[] content) {
        if (content.length != SIZE || ByteBuffer.wrap(content).getLong(0) != MAGIC) {
            return false;
        }
        ByteBuffer page = ByteBuffer.wrap(content);
        for (int at = AGE; at < SIZE; at += 8) {
            if (page.getLong(at) < 0 || at >= SLOTS && page.getLong(at) > SPENT) {
                return false;
            }
        }
        return true;
    }

    private static String bootId() {
        try {
            return Files.readString(BOOT_ID).trim();
        } catch (IOException e) {
            // No Linux: every start counts as a boot.
            return UUID.randomUUID().toString();
        }
    }
}
