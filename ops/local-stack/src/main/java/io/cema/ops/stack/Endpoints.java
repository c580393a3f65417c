package io.cema.ops.stack;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/**
 * {@code endpoints.properties} in the data folder: where broker and database can be reached. Broker and database may be
 * two processes over one folder, so each replaces its own keys and leaves the other's.
 */
public final class Endpoints {
    /** Name of the file in the data folder. */
    public static final String FILE = "endpoints.properties";

    private Endpoints() {}

    static Map<String, String> broker(Broker.Listening listening) {
        Map<String, String> entries = new HashMap<>(Map.of("broker.host", Ports.LOOPBACK));
        listening.plain().ifPresent(port -> entries.put("broker.port", Integer.toString(port)));
        listening.tls().ifPresent(port -> entries.put("broker.tls-port", Integer.toString(port)));
        return entries;
    }

    static Map<String, String> database(int port, String password) {
        return Map.of(
                "database.host", Ports.LOOPBACK,
                "database.port", Integer.toString(port),
                "database.name", Database.NAME,
                "database.user", Database.NAME,
                "database.password", password);
    }

    static void write(Path data, Map<String, String> entries) throws IOException {
        Path file = data.resolve(FILE);
        Path lockFile = data.resolve(FILE + ".lock");
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            Properties all = Files.exists(file) ? read(data) : new Properties();
            all.putAll(entries);
            StringWriter text = new StringWriter();
            all.store(text, "Where the local stack listens");
            Path fresh = data.resolve(FILE + ".new");
            Files.deleteIfExists(fresh);
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(fresh, text.toString());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** The file's content as it stands; it outlives the processes it names. */
    public static Properties read(Path data) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(data.resolve(FILE))) {
            properties.load(reader);
        }
        return properties;
    }
}
