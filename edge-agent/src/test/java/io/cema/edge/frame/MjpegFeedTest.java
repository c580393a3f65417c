package io.cema.edge.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.cema.edge.frame.MjpegFeed.Credentials;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over HTTP, from the JDK's server; widths tell the images apart. */
class MjpegFeedTest {
    private static final RestartPause SOON = new RestartPause(Duration.ofMillis(1), Duration.ofMillis(20));
    private static final Duration PATIENT = Duration.ofMinutes(1);
    private static final Credentials KNOWN = new Credentials("cam", "secret");

    private final List<FrameDrop> drops = new CopyOnWriteArrayList<>();
    private final List<LiveSource> sources = new ArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.start();
    }

    @AfterEach
    void stop() throws IOException {
        end.countDown();
        server.stop(0);
        for (LiveSource source : sources) {
            source.close();
        }
        threads.shutdownNow();
    }

    @Test
    void next_multipart_givesTheFileAsItCame() throws IOException {
        camera(exchange -> stay(exchange, part("--frame", jpeg(9), true)));

        Frame frame = open(Optional.empty(), PATIENT).next().orElseThrow();

        assertThat(frame.original().orElseThrow().bytes()).isEqualTo(jpeg(9));
        assertThat(frame.image().width()).isEqualTo(9);
    }

    @Test
    void next_reconnects_whenTheStreamEnds() throws IOException {
        AtomicInteger calls = new AtomicInteger();
        camera(exchange -> {
            begin(exchange).write(part("--frame", jpeg(calls.incrementAndGet()), true));
            exchange.close();
        });
        LiveSource source = open(Optional.empty(), PATIENT);

        int first = source.next().orElseThrow().image().width();
        int second = source.next().orElseThrow().image().width();

        assertThat(second).isGreaterThan(first);
    }

    @Test
    void next_silentCamera_isAskedAgainAfterTheTimeLimit() throws IOException {
        AtomicInteger calls = new AtomicInteger();
        camera(exchange -> stay(exchange, part("--frame", jpeg(calls.incrementAndGet()), true)));
        LiveSource source = open(Optional.empty(), Duration.ofMillis(300));

        assertThat(source.next().orElseThrow().image().width()).isEqualTo(1);
        assertThat(source.next().orElseThrow().image().width()).isEqualTo(2);
    }

    @Test
    void next_basic_sendsTheCredentials() throws IOException {
        camera(exchange -> stay(exchange, part("--frame", jpeg(5), true)))
                .setAuthenticator(new BasicAuthenticator("camera") {
                    @Override
                    public boolean checkCredentials(String user, String password) {
                        return user.equals(KNOWN.user()) && password.equals(KNOWN.password());
                    }
                });

        assertThat(open(Optional.of(KNOWN), PATIENT)
                        .next()
                        .orElseThrow()
                        .image()
                        .width())
                .isEqualTo(5);
    }

    @Test
    void next_digest_answersTheChallenge() throws IOException {
        camera(exchange -> {
            if (knowsTheSecret(exchange.getRequestHeaders().getFirst("Authorization"))) {
                stay(exchange, part("--frame", jpeg(6), true));
            } else {
                exchange.getResponseHeaders()
                        .add("WWW-Authenticate", "Digest realm=\"camera\", nonce=\"abc\", qop=\"auth\"");
                exchange.sendResponseHeaders(401, -1);
                exchange.close();
            }
        });

        assertThat(open(Optional.of(KNOWN), PATIENT)
                        .next()
                        .orElseThrow()
                        .image()
                        .width())
                .isEqualTo(6);
    }

    @Test
    void problem_wrongCredentials_namesTheSettings() throws IOException {
        camera(exchange -> {
            exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"camera\"");
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
        });
        LiveSource source = open(Optional.of(KNOWN), PATIENT);

        CompletableFuture.runAsync(source::next);

        await().until(() -> source.problem().contains("cema.frames.http.password"));
    }

    @Test
    void problem_page_isNoStream() throws IOException {
        camera(exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        LiveSource source = open(Optional.empty(), PATIENT);

        CompletableFuture.runAsync(source::next);

        await().until(() -> source.problem().contains("cema.frames.http.url"));
    }

    @Test
    void next_fileThatCannotBeDecoded_isCountedAndPassedOver() throws IOException {
        byte[] damaged = {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF, (byte) 0xDA, 0, 2, 1, (byte) 0xFF, (byte) 0xD9};
        CountDownLatch seen = new CountDownLatch(1);
        camera(exchange -> {
            OutputStream body = begin(exchange);
            body.write(damaged);
            body.flush();
            await().until(() -> !drops.isEmpty());
            body.write(jpeg(4));
            body.flush();
            seen.countDown();
            hold();
        });

        Frame frame = open(Optional.empty(), PATIENT).next().orElseThrow();

        assertThat(frame.image().width()).isEqualTo(4);
        assertThat(drops).containsExactly(FrameDrop.UNREADABLE);
    }

    @Test
    void close_whileTheCameraIsSilent_returns() throws IOException {
        camera(exchange -> stay(exchange, part("--frame", jpeg(1), true)));
        LiveSource source = open(Optional.empty(), Duration.ofSeconds(5));
        source.next();

        source.close();

        assertThat(source.next()).isEmpty();
    }

    @Test
    void cutter_wrongBoundaryAndNoLengthAndRubbish_findsEveryFile() throws IOException {
        byte[] stream = join(
                part("--other", jpeg(1), false), new byte[] {0, (byte) 0xFF, 1, 2}, jpeg(2), part("", jpeg(3), false));

        assertThat(cut(stream)).containsExactly(jpeg(1), jpeg(2), jpeg(3));
    }

    @Test
    void cutter_thumbnailInside_isPartOfItsFile() throws IOException {
        byte[] outer = jpeg(8);
        byte[] thumbnail = jpeg(2);
        int length = thumbnail.length + 2;
        byte[] stream = join(
                Arrays.copyOf(outer, 2),
                new byte[] {(byte) 0xFF, (byte) 0xE1, (byte) (length >> 8), (byte) length},
                thumbnail,
                Arrays.copyOfRange(outer, 2, outer.length));

        assertThat(cut(stream)).containsExactly(stream);
    }

    @Test
    void cutter_fileCutShort_isLeftOutAndTheNextIsWhole() throws IOException {
        byte[] whole = jpeg(200);
        JpegCutter cutter = new JpegCutter(
                new ByteArrayInputStream(join(Arrays.copyOf(whole, whole.length - 5), jpeg(2))), 1 << 20);

        assertThat(cutter.next().orElseThrow()).isEqualTo(jpeg(2));
        assertThat(cutter.broken()).isEqualTo(1);
    }

    @Test
    void cutter_endlessFile_isGivenUp() throws IOException {
        byte[] stream = join(Arrays.copyOf(jpeg(200), 650), new byte[5000], jpeg(2));

        JpegCutter cutter = new JpegCutter(new ByteArrayInputStream(stream), 2000);

        assertThat(cutter.next().orElseThrow()).isEqualTo(jpeg(2));
    }

    @Test
    void url_withCredentials_isRefused() {
        assertThatThrownBy(() -> MjpegFeed.feed(URI.create("http://u:p@camera/"), Optional.empty(), PATIENT))
                .hasMessageContaining("cema.frames.http.user")
                .hasMessageNotContaining("u:p");
    }

    private LiveSource open(Optional<Credentials> credentials, Duration timeout) {
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/stream?quality=1");
        LiveSource source =
                new LiveSource(MjpegFeed.feed(url, credentials, timeout), 0, SOON, drops::add, Clock.systemUTC());
        sources.add(source);
        return source;
    }

    private HttpContext camera(HttpHandler handler) {
        return server.createContext("/stream", handler);
    }

    private void stay(HttpExchange exchange, byte[] content) throws IOException {
        OutputStream body = begin(exchange);
        body.write(content);
        body.flush();
        hold();
    }

    private void hold() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static OutputStream begin(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", "multipart/x-mixed-replace; boundary=frame");
        exchange.sendResponseHeaders(200, 0);
        return exchange.getResponseBody();
    }

    /** RFC 7616, section 3.4.1, with qop=auth and MD5. */
    private static boolean knowsTheSecret(String authorization) {
        if (authorization == null || !authorization.startsWith("Digest ")) {
            return false;
        }
        String secret = md5("cam:camera:secret");
        String request = md5("GET:" + field(authorization, "uri"));
        String wanted = md5(String.join(
                ":", secret, "abc", field(authorization, "nc"), field(authorization, "cnonce"), "auth", request));
        return wanted.equals(field(authorization, "response"));
    }

    private static String field(String header, String name) {
        Matcher matcher = Pattern.compile("\\b" + name + "=\"?([^\",]*)").matcher(header);
        return matcher.find() ? matcher.group(1) : "";
    }

    private static String md5(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<byte[]> cut(byte[] stream) throws IOException {
        JpegCutter cutter = new JpegCutter(new ByteArrayInputStream(stream), 1 << 20);
        List<byte[]> files = new ArrayList<>();
        for (Optional<byte[]> file = cutter.next(); file.isPresent(); file = cutter.next()) {
            files.add(file.get());
        }
        assertThat(cutter.broken()).isZero();
        return files;
    }

    private static byte[] part(String boundary, byte[] file, boolean length) throws IOException {
        String head = boundary + "\r\nContent-Type: image/jpeg\r\n"
                + (length ? "Content-Length: " + file.length + "\r\n" : "") + "\r\n";
        return join(head.getBytes(StandardCharsets.US_ASCII), file, new byte[] {'\r', '\n'});
    }

    private static byte[] join(byte[]... pieces) throws IOException {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] piece : pieces) {
            joined.write(piece);
        }
        return joined.toByteArray();
    }

    private static byte[] jpeg(int width) throws IOException {
        BufferedImage image = new BufferedImage(width, 8, BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < width; x++) {
            image.setRGB(x, x % 8, x * 7919);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "jpeg", bytes);
        return bytes.toByteArray();
    }
}
