package io.cema.edge.device;

import com.github.f4b6a3.ulid.UlidCreator;
import com.google.protobuf.InvalidProtocolBufferException;
import io.cema.edge.storage.DurableFile;
import io.cema.protocol.message.DeviceEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Events that the broker has not confirmed, on disk, oldest first. Each keeps the position it was born with, so that the
 * cloud drops a repeated one. Bounded: the oldest goes when there are too many. Thread-safe.
 */
final class EventSpool {
    private static final Logger LOG = Logger.getLogger(EventSpool.class);
    private static final String SUFFIX = ".event";
    private static final int MAX_EVENTS = 2_000;

    private final Path folder;
    private final TreeMap<String, DeviceEvent> events = new TreeMap<>();

    private EventSpool(Path folder) {
        this.folder = folder;
    }

    static EventSpool open(Path folder) throws IOException {
        Files.createDirectories(folder);
        EventSpool spool = new EventSpool(folder);
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
            events.put(id, DeviceEvent.parseFrom(Files.readAllBytes(file)));
        } catch (InvalidProtocolBufferException e) {
            LOG.warnf("event file %s is damaged and deleted: %s", file, e.getMessage());
            Files.delete(file);
        }
    }

    synchronized void add(DeviceEvent event) throws IOException {
        String id = UlidCreator.getMonotonicUlid().toString();
        DurableFile.write(path(id), event.toByteArray());
        events.put(id, event);
        while (events.size() > MAX_EVENTS) {
            String oldest = events.firstKey();
            LOG.warnf(
                    "too many unsent events, the oldest (%s) is dropped",
                    events.get(oldest).getType());
            remove(oldest);
        }
    }

    synchronized void remove(String id) throws IOException {
        events.remove(id);
        Files.deleteIfExists(path(id));
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

    private Path path(String id) {
        return folder.resolve(id + SUFFIX);
    }
}
