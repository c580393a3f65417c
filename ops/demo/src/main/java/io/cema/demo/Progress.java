package io.cema.demo;

import java.io.PrintStream;

/** Lines on the terminal: one that is redrawn where that is possible, one every other second where it is not. */
final class Progress {
    private static final long PLAIN_INTERVAL_NANOS = 2_000_000_000L;

    private final PrintStream out;
    private final boolean redraw;
    private long lastPlain;
    private boolean open;

    Progress(PrintStream out) {
        this.out = out;
        String term = System.getenv("TERM");
        this.redraw = System.console() != null && term != null && !term.equals("dumb");
    }

    /** A line that stays. */
    void say(String line) {
        if (open) {
            out.print("\r\033[2K");
            open = false;
        }
        out.println(line);
        out.flush();
    }

    /** How it stands; replaces what was shown before. */
    void show(String line) {
        if (redraw) {
            out.print("\r\033[2K" + line);
            open = true;
        } else if (System.nanoTime() - lastPlain >= PLAIN_INTERVAL_NANOS) {
            lastPlain = System.nanoTime();
            out.println(line);
        }
        out.flush();
    }
}
