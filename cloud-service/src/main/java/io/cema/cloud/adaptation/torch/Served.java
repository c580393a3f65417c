package io.cema.cloud.adaptation.torch;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What was published for a domain.
 *
 * @param versions oldest first, the newest {@link #MOST} alone; devices in the domain run one of them
 * @param newest of the newest the difference to the registered model, encoded; empty for the registered model itself
 */
record Served(List<String> versions, byte[] newest) {
    private static final int MOST = 8;
    private static final int LONGEST = 1 << 24;

    static final Served NOTHING = new Served(List.of(), new byte[0]);
    /** The first domain is the registered model's, which devices call by no version. */
    static final Served REGISTERED = new Served(List.of(""), new byte[0]);

    Served with(String version, byte[] difference) {
        List<String> all = new ArrayList<>(versions);
        all.add(version);
        return new Served(List.copyOf(all.subList(Math.max(0, all.size() - MOST), all.size())), difference);
    }

    boolean holds(String version) {
        return versions.contains(version);
    }

    /** Whether that was any update at all. */
    boolean byUpdate() {
        return versions.stream().anyMatch(version -> !version.isEmpty());
    }

    void write(DataOutputStream out) throws IOException {
        out.writeInt(versions.size());
        for (String version : versions) {
            out.writeUTF(version);
        }
        out.writeInt(newest.length);
        out.write(newest);
    }

    static Served read(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > MOST) {
            throw new IOException("a domain of " + count + " versions");
        }
        List<String> versions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            versions.add(in.readUTF());
        }
        int length = in.readInt();
        if (length < 0 || length > Math.min(LONGEST, in.available())) {
            throw new IOException("what a domain is served with, of " + length + " bytes");
        }
        return new Served(List.copyOf(versions), in.readNBytes(length));
    }
}
