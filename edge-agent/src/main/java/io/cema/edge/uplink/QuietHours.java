package io.cema.edge.uplink;

import java.time.DateTimeException;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;

/** Times of the day at which nothing is uploaded, on the clock of the place. */
public record QuietHours(List<Window> windows, ZoneId zone) {
    /** From, inclusive, to, exclusive; may go past midnight. */
    public record Window(LocalTime from, LocalTime to) {
        boolean contains(LocalTime time) {
            return from.isBefore(to)
                    ? !time.isBefore(from) && time.isBefore(to)
                    : !time.isBefore(from) || time.isBefore(to);
        }
    }

    /**
     * @param windows such as {@code 22:00-06:00}
     * @throws IllegalArgumentException naming the window that is wrong
     */
    public static QuietHours parse(List<String> windows, ZoneId zone) {
        List<Window> parsed = new ArrayList<>();
        for (String window : windows) {
            String[] ends = window.trim().split("-", -1);
            try {
                Window both = new Window(LocalTime.parse(ends[0].trim()), LocalTime.parse(ends[1].trim()));
                if (ends.length != 2 || both.from().equals(both.to())) {
                    throw new DateTimeException(window);
                }
                parsed.add(both);
            } catch (DateTimeException | ArrayIndexOutOfBoundsException e) {
                throw new IllegalArgumentException(
                        "quiet hours \"" + window + "\" are not two times of a day such as 22:00-06:00", e);
            }
        }
        return new QuietHours(List.copyOf(parsed), zone);
    }

    /** @throws IllegalArgumentException if there is no such time zone */
    public static ZoneId zone(String id) {
        try {
            return ZoneId.of(id);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "the time zone of quiet hours \"" + id + "\" is not one such as Europe/Berlin", e);
        }
    }

    boolean at(ZonedDateTime now) {
        LocalTime time = now.withZoneSameInstant(zone).toLocalTime();
        return windows.stream().anyMatch(window -> window.contains(time));
    }
}
