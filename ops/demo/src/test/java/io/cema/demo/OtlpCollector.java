package io.cema.demo;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/**
 * Takes spans by OTLP over HTTP, as a collector does. Reads of the messages (opentelemetry.proto.collector.trace.v1) by their
 * field numbers what is needed to see how spans hang together. Any thread.
 */
final class OtlpCollector implements AutoCloseable {
    private final HttpServer server;
    private final List<Span> spans = new CopyOnWriteArrayList<>();

    /** @param linked traces it is linked to */
    private record Span(String trace, String name, Set<String> linked) {}

    OtlpCollector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", call -> {
            take(UnknownFieldSet.parseFrom(call.getRequestBody().readAllBytes()));
            call.sendResponseHeaders(200, -1);
            call.close();
        });
        server.start();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** What was done with the frame that came furthest: spans of its own trace, and of those that are linked to it. */
    Set<String> longestWayOfAFrame() {
        return spans.stream()
                .filter(span -> span.name().equals("frame"))
                .map(frame -> way(frame.trace()))
                .max(Comparator.comparingInt(Set::size))
                .orElse(Set.of());
    }

    private Set<String> way(String frame) {
        Set<String> traces = spans.stream()
                .filter(span -> span.trace().equals(frame) || span.linked().contains(frame))
                .map(Span::trace)
                .collect(Collectors.toSet());
        return spans.stream()
                .filter(span -> traces.contains(span.trace()))
                .map(Span::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void take(UnknownFieldSet request) throws InvalidProtocolBufferException {
        for (UnknownFieldSet resource : messages(request, 1)) {
            for (UnknownFieldSet scope : messages(resource, 2)) {
                for (UnknownFieldSet span : messages(scope, 2)) {
                    Set<String> linked = new TreeSet<>();
                    for (UnknownFieldSet link : messages(span, 13)) {
                        linked.add(hex(link));
                    }
                    spans.add(new Span(
                            hex(span),
                            span.getField(5).getLengthDelimitedList().get(0).toStringUtf8(),
                            linked));
                }
            }
        }
    }

    /** Field 1 of a span and of a link: the trace. */
    private static String hex(UnknownFieldSet message) {
        return HexFormat.of()
                .formatHex(message.getField(1).getLengthDelimitedList().get(0).toByteArray());
    }

    private static List<UnknownFieldSet> messages(UnknownFieldSet parent, int field)
            throws InvalidProtocolBufferException {
        List<UnknownFieldSet> children = new ArrayList<>();
        for (ByteString child : parent.getField(field).getLengthDelimitedList()) {
            children.add(UnknownFieldSet.parseFrom(child));
        }
        return children;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
