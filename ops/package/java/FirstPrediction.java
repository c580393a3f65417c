import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Starts an agent that has its model on disk, asks for a prediction of a 32x32 image every few milliseconds until there
 * is one, then some more, and stops the agent: {@code FirstPrediction PORT LOG COMMAND...}. Prints
 * {@code milliseconds-from-the-start-to-the-first-prediction resident-KiB}; the agent's output goes to the log.
 */
final class FirstPrediction {
    private static final int MORE = 200;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final long PAUSE_MILLIS = 5;
    /** A class-data archive is written at the end, which takes a busy machine minutes. */
    private static final Duration LONGEST_END = Duration.ofMinutes(5);

    public static void main(String[] arguments) throws IOException, InterruptedException {
        URI agent = URI.create("http://127.0.0.1:" + arguments[0]);
        Path log = Path.of(arguments[1]);
        List<String> command = Arrays.asList(arguments).subList(2, arguments.length);
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(agent.resolve("/v2/models/packaged/infer"))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body()))
                .build();
        // The client's own classes are loaded before the clock runs.
        if (answer(http, request) != 0) {
            throw new IOException("something answers at " + agent + " already; name another port");
        }
        long started = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            while (answer(http, request) != 200) {
                if (!process.isAlive() || System.nanoTime() - started > PATIENCE.toNanos()) {
                    throw new IOException("no prediction from " + command + ":\n" + Files.readString(log));
                }
                Thread.sleep(PAUSE_MILLIS);
            }
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);
            for (int i = 0; i < MORE; i++) {
                if (answer(http, request) != 200) {
                    throw new IOException("prediction " + i + " after the first failed:\n" + Files.readString(log));
                }
            }
            System.out.println(millis + " " + resident(process.pid()));
        } finally {
            process.destroy();
            if (!process.waitFor(LONGEST_END.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }

    /** The status, 0 where nobody listens. */
    private static int answer(HttpClient http, HttpRequest request) throws InterruptedException {
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    private static String body() {
        String zeros = "0,".repeat(3 * 32 * 32 - 1) + "0";
        return "{\"inputs\":[{\"name\":\"input\",\"shape\":[1,3,32,32],\"datatype\":\"FP32\",\"data\":[" + zeros
                + "]}]}";
    }

    private static long resident(long pid) throws IOException {
        String line = Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(l -> l.startsWith("VmRSS:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", ""));
    }
}
