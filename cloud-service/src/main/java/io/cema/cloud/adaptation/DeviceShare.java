package io.cema.cloud.adaptation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * How much of a batch may come from one device, so that none steers its cohort. Of n images a device may have {@code
 * ceil(share * n)}; a batch is smaller rather than beyond that. Where fewer than 1 / share devices are active there is no
 * cap: somebody has to fill the batch. Pure: same candidates, same choice.
 *
 * @param share of a batch, above 0, at most 1
 * @param activeDevices of the cohort at present
 */
record DeviceShare(double share, int activeDevices) {
    private static final double ROUNDING = 1e-9;

    boolean binds() {
        return activeDevices * share >= 1 - ROUNDING && share < 1;
    }

    /** Images one device may have of a batch of {@code images}. */
    int most(int images) {
        return binds() ? (int) Math.ceil(share * images - ROUNDING) : images;
    }

    /**
     * The largest batch of at most {@code most} candidates in which no device has more than its share.
     *
     * @param preferred in order of preference, which decides between the images of one device and between devices
     */
    <T> List<T> choose(List<T> preferred, Function<T, String> device, int most) {
        int size = Math.min(most, preferred.size());
        if (!binds()) {
            return preferred.subList(0, size);
        }
        Map<String, Integer> offered = new HashMap<>();
        preferred.forEach(candidate -> offered.merge(device.apply(candidate), 1, Integer::sum));
        while (size > 0 && available(offered, most(size)) < size) {
            size--;
        }
        return taken(preferred, device, size);
    }

    private static int available(Map<String, Integer> offered, int mostOfOne) {
        return offered.values().stream()
                .mapToInt(count -> Math.min(count, mostOfOne))
                .sum();
    }

    private <T> List<T> taken(List<T> preferred, Function<T, String> device, int size) {
        int mostOfOne = most(size);
        Map<String, Integer> counts = new HashMap<>();
        List<T> chosen = new ArrayList<>(size);
        for (T candidate : preferred) {
            if (chosen.size() < size && counts.merge(device.apply(candidate), 1, Integer::sum) <= mostOfOne) {
                chosen.add(candidate);
            }
        }
        return chosen;
    }
}
