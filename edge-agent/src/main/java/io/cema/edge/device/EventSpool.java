package io.cema.edge.device;

import com.github.f4b6a3.ulid.Ulid;
import com.github.f4b6a3.ulid.UlidCreator;
import com.google.protobuf.InvalidProtocolBufferException;
import io.cema.edge.storage.DiskWatch;
import io.cema.edge.storage.DurableFile;
import io.cema.protocol.message.DeviceEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jboss.logging.Logger;

/**
 * Events that the broker has not confirmed, on disk, oldest first. Each keeps the position it was born with, so that the
 * cloud drops a repeated one. Bounded: the oldest goes when there are too many. What the disk does not take is held in
 * memory, and written when the disk takes the next one. Thread-safe.
 */
final class EventSpool {
    private static final Logger LOG = Logger.getLogger(EventSpool.class);
    private static final String SUFFIX = ".event";
    private static final byte[] MAGIC = "CEMAEVT1".getBytes(StandardCharsets.US_ASCII);
    /** First byte of an event as agents before {@link #MAGIC} wrote it: the tag of its type. */
    private static final byte PLAIN = 0x08;

    private static final int MAX_EVENTS = 2_000;

    private final Path folder;
    private final DiskWatch disk;
    private final TreeMap<String, DeviceEvent> events = new TreeMap<>();
    /** Of these, those in memory alone. */
    private final Set<String> unsaved = new TreeSet<>();

    private EventSpool(Path folder, DiskWatch disk) {
        this.folder = folder;
        this.disk = disk;
    }

    /** @param disk told of what cannot be written or read */
    static EventSpool open(Path folder, DiskWatch disk) throws IOException {
        Files.createDirectories(folder);
        EventSpool spool = new EventSpool(folder, disk);
        List<Path> files;
        try (Stream<Path> listing = Files.list(folder)) {
            files = listing.sorted(Comparator.naturalOrder()).toList();
        }
        for (Path file : files) {
            String name = file.getFileName().toString();
            if (name.endsWith(DurableFile.UNFINISHED)) {
                Files.delete(file);
            } else if (name.endsWith(SUFFIX)) {
                spool.load(file, name.substring(0, name.length() - SUFFIX.length()));
            }
        }
        return spool;
    }

    private void load(Path file, String id) throws IOException {
        try {
            events.put(id, parse(Files.readAllBytes(file)));
        } catch (IOException e) {
            disk.damages().found(file, "is no event (" + e.getMessage() + "); it is deleted");
            Files.delete(file);
        }
    }

    /** Adds an event; always taken, whatever the disk does. */
    synchronized void add(DeviceEvent event) {
        String id = nextId();
        events.put(id, event);
        unsaved.add(id);
        save();
        while (events.size() > MAX_EVENTS) {
            String oldest = events.firstKey();
            LOG.warnf(
                    "too many unsent events, the oldest (%s) is dropped",
                    events.get(oldest).getType());
            remove(oldest);
        }
    }

    /** Forgets an event. If its file cannot be deleted it is sent again after a restart, and the cloud drops it. */
    synchronized void remove(String id) {
        events.remove(id);
        if (unsaved.remove(id)) {
            return;
        }
        try {
            Files.deleteIfExists(path(id));
        } catch (IOException e) {
            disk.failed("a sent event cannot be deleted", e);
        }
    }

    /** Up to {@code limit} events by id, oldest first. */
    synchronized List<Map.Entry<String, DeviceEvent>> oldest(int limit) {
        List<Map.Entry<String, DeviceEvent>> result = new ArrayList<>();
        for (Map.Entry<String, DeviceEvent> entry : events.entrySet()) {
            if (result.size() == limit) {
                break;
            }
            result.add(Map.entry(entry.getKey(), entry.getValue()));
        }
        return result;
    }

    private void save() {
        try {
            for (String id : List.copyOf(unsaved)) {
                DurableFile.write(path(id), bytes(events.get(id)));
                unsaved.remove(id);
            }
        } catch (IOException e) {
            disk.failed(unsaved.size() + " events are in memory alone", e);
        }
    }

    /** Above all that wait, also after the clock was set back: the order of ids is the order of sending. */
    private String nextId() {
        long least = events.isEmpty() || !Ulid.isValid(events.lastKey()) ? 0 : Ulid.getTime(events.lastKey()) + 1;
        long now = System.currentTimeMillis();
        return now >= least
                ? UlidCreator.getMonotonicUlid(now).toString()
                : UlidCreator.getUlid(least).toString();
    }

    private static byte[] bytes(DeviceEvent event) {
        byte[] message = event.toByteArray();
        return ByteBuffer.allocate(MAGIC.length + Integer.BYTES + message.length)
                .put(MAGIC)
                .putInt(checksum(message))
                .put(message)
                .array();
    }

    private static DeviceEvent parse(byte[] bytes) throws InvalidProtocolBufferException {
        if (bytes.length > 0 && bytes[0] == PLAIN) {
            return DeviceEvent.parseFrom(bytes);
        }
        int head = MAGIC.length + Integer.BYTES;
        if (bytes.length < head || !Arrays.equals(MAGIC, 0, MAGIC.length, bytes, 0, MAGIC.length)) {
            throw new InvalidProtocolBufferException("does not begin with CEMAEVT1");
        }
        byte[] message = Arrays.copyOfRange(bytes, head, bytes.length);
        if (checksum(message) != ByteBuffer.wrap(bytes).getInt(MAGIC.length)) {
            throw new InvalidProtocolBufferException("its checksum does not match");
        }
        return DeviceEvent.parseFrom(message);
    }

    private static int checksum(byte[] message) {
        CRC32 crc = new CRC32();
        crc.update(message);
        return (int) crc.getValue();
    }

    private Path path(String id) {
        return folder.resolve(id + SUFFIX);
    }
}
