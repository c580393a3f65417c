package io.cema.cloud.adaptation;

import java.util.ArrayList;
import java.util.List;

/**
 * The newest uploads, of no class too many: statistics of a street at noon, where one lorry after the other goes by, shall not
 * be those of lorries; and of no device more than its share. Classes are the edge's predictions; while these fall on a few classes only, the window stays small.
 * One thread.
 */
final class BalancedWindow {
    /** Times its even share that a class may have. */
    private static final int SLACK = 2;

    private final int classes;
    /** Oldest first. */
    private final List<StoredSample> uploads = new ArrayList<>();

    BalancedWindow(int classes) {
        this.classes = classes;
    }

    /** @param capacity uploads kept, at most */
    void add(StoredSample upload, int capacity, DeviceShare share) {
        uploads.add(upload);
        int most = Math.max(2, SLACK * capacity / classes);
        if (uploads.stream().filter(upload::isOfClassOf).count() > most) {
            uploads.remove(
                    uploads.stream().filter(upload::isOfClassOf).findFirst().orElseThrow());
        }
        if (uploads.stream().filter(upload::isOfDeviceOf).count() > share.most(capacity)) {
            uploads.remove(
                    uploads.stream().filter(upload::isOfDeviceOf).findFirst().orElseThrow());
        }
        if (uploads.size() > capacity) {
            uploads.remove(0);
        }
    }

    /** Oldest first. */
    List<StoredSample> uploads() {
        return uploads;
    }

    void clear() {
        uploads.clear();
    }
}
