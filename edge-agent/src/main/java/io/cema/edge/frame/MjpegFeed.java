package io.cema.edge.frame;

import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.ImageFormat;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Authenticator;
import java.net.HttpURLConnection;
import java.net.PasswordAuthentication;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * MJPEG over HTTP, as network cameras give it: one answer without end, JPEG files with something between them. What stands
 * between is not looked at, since cameras get it wrong. By {@link HttpURLConnection}, which knows Digest authentication and
 * a time limit of each read; java.net.http's client knows neither.
 */
public final class MjpegFeed implements FrameFeed {
    private static final int MAX_BYTES = 16 << 20;
    private static final int BUFFER = 1 << 16;
    private static final long LOOK_MILLIS = 50;

    private final URI url;
    private final Optional<Credentials> credentials;
    private final Duration timeout;

    /** Sent by Basic or Digest, as the camera asks, and to the camera alone. */
    public record Credentials(String user, String password) {
        @Override
        public String toString() {
            return "Credentials[" + user + "]";
        }
    }

    private MjpegFeed(URI url, Optional<Credentials> credentials, Duration timeout) {
        this.url = url;
        this.credentials = credentials;
        this.timeout = timeout;
    }

    /**
     * @param timeout of the connection and of each read
     * @param framesPerSecond 0 for as many as come
     * @param drops told of frames that nobody gets
     */
    public static FrameSource source(
            URI url,
            Optional<Credentials> credentials,
            Duration timeout,
            double framesPerSecond,
            Consumer<FrameDrop> drops,
            Clock clock) {
        return new LiveSource(feed(url, credentials, timeout), framesPerSecond, RestartPause.USUAL, drops, clock);
    }

    static FrameFeed feed(URI url, Optional<Credentials> credentials, Duration timeout) {
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https") || url.getHost() == null) {
            throw new IllegalArgumentException("cema.frames.http.url must be http://HOST/... or https://HOST/...");
        }
        if (url.getUserInfo() != null) {
            throw new IllegalArgumentException("cema.frames.http.url must not hold credentials: it is logged; "
                    + "set cema.frames.http.user and cema.frames.http.password");
        }
        if (timeout.toMillis() < 1) {
            throw new IllegalArgumentException("cema.frames.http.timeout must be above 0, is " + timeout);
        }
        return new MjpegFeed(url, credentials, timeout);
    }

    /** Without the query, in which some cameras want a password. */
    @Override
    public String description() {
        return "MJPEG from " + url.getScheme() + "://" + url.getAuthority() + url.getPath();
    }

    @Override
    public void read(Sink sink, BooleanSupplier stopped) throws IOException, InterruptedException {
        Reading reading = new Reading(sink, stopped);
        reading.start();
        while (reading.isAlive() && !stopped.getAsBoolean()) {
            reading.join(LOOK_MILLIS);
        }
        if (stopped.getAsBoolean()) {
            // A read in work ends with its time limit at the latest, and the daemon thread with it.
            reading.disconnect();
            return;
        }
        throw new IOException(reading.ending);
    }

    private HttpURLConnection connect() throws IOException {
        HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
        connection.setConnectTimeout(Math.toIntExact(timeout.toMillis()));
        connection.setReadTimeout(Math.toIntExact(timeout.toMillis()));
        connection.setUseCaches(false);
        credentials.ifPresent(known -> connection.setAuthenticator(new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                boolean camera = getRequestorType() == RequestorType.SERVER
                        && url.getHost().equalsIgnoreCase(getRequestingHost());
                return camera
                        ? new PasswordAuthentication(
                                known.user(), known.password().toCharArray())
                        : null;
            }
        }));
        return connection;
    }

    /** One answer of the camera, on a thread that can be left behind. */
    private final class Reading extends Thread {
        private final Sink sink;
        private final BooleanSupplier stopped;
        private volatile HttpURLConnection connection;
        private volatile String ending = "the stream ended";

        Reading(Sink sink, BooleanSupplier stopped) {
            super("cema-mjpeg");
            this.sink = sink;
            this.stopped = stopped;
            setDaemon(true);
        }

        @Override
        public void run() {
            try {
                connection = connect();
                demandStream(connection);
                try (InputStream body = new BufferedInputStream(connection.getInputStream(), BUFFER)) {
                    cut(body);
                }
            } catch (SocketTimeoutException e) {
                ending = "nothing came for " + timeout.toMillis() + " ms";
            } catch (IOException | RuntimeException e) {
                ending = e.getMessage() == null ? e.toString() : e.getMessage();
            } finally {
                disconnect();
            }
        }

        void disconnect() {
            HttpURLConnection present = connection;
            if (present != null) {
                present.disconnect();
            }
        }

        private void cut(InputStream body) throws IOException {
            JpegCutter cutter = new JpegCutter(body, MAX_BYTES);
            for (Optional<byte[]> file = cutter.next(); file.isPresent(); file = cutter.next()) {
                if (stopped.getAsBoolean()) {
                    return;
                }
                sink.frame(new JpegFrame(file.get()));
            }
            if (cutter.broken() > 0) {
                ending += ", with " + cutter.broken() + " broken images in it";
            }
        }
    }

    private static void demandStream(HttpURLConnection connection) throws IOException {
        int status = connection.getResponseCode();
        if (status == HttpURLConnection.HTTP_UNAUTHORIZED) {
            throw new IOException(
                    "the camera refuses the credentials; check cema.frames.http.user and cema.frames.http.password");
        }
        String type = connection.getContentType();
        if (status != HttpURLConnection.HTTP_OK
                || type != null && type.toLowerCase(Locale.ROOT).startsWith("text/")) {
            throw new IOException("the camera answers " + status + " with " + type
                    + ", not a stream of images; check cema.frames.http.url");
        }
    }

    private static final class JpegFrame implements Raw {
        private final byte[] file;

        JpegFrame(byte[] file) {
            this.file = file;
        }

        @Override
        public Image decode() {
            return ImageCodec.decode(ImageFormat.JPEG, file);
        }

        @Override
        public Optional<Frame.Encoded> original() {
            return Optional.of(new Frame.Encoded(ImageFormat.JPEG, file));
        }
    }
}
