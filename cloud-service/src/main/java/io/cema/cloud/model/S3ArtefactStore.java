package io.cema.cloud.model;

import io.cema.protocol.model.Digests;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.Callable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Artefacts as objects {@code prefix + ab/abcdef...} of a bucket. A PUT is there whole or not at all, and answered when it is
 * durable as far as the store is; its MD5 goes with it, and what is read whole is checked against its name. All I/O runs on
 * worker threads. What may pass, wrong credentials too, fails with {@link java.io.UncheckedIOException}: callers that wait
 * for a disk wait for the bucket.
 */
final class S3ArtefactStore implements ArtefactStore, AutoCloseable {
    private final S3Client client;
    private final String bucket;
    private final String prefix;
    private final String place;

    private S3ArtefactStore(S3Client client, String bucket, String prefix, String place) {
        this.client = client;
        this.bucket = bucket;
        this.prefix = prefix;
        this.place = place;
    }

    /**
     * Connects to nothing yet.
     *
     * @throws IllegalArgumentException if a setting is missing
     */
    static S3ArtefactStore open(ArtefactSettings.S3 settings) {
        String bucket = settings.bucket()
                .orElseThrow(() -> new IllegalArgumentException(
                        "cema.artefacts.store=s3 needs the bucket's name in cema.artefacts.s3.bucket"));
        if (settings.accessKey().isPresent() != settings.secretKey().isPresent()) {
            throw new IllegalArgumentException(
                    "cema.artefacts.s3.access-key and .secret-key go together; one is missing");
        }
        S3ClientBuilder builder = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .region(Region.of(settings.region()))
                .forcePathStyle(settings.pathStyle())
                // What every store understands; the MD5 and the digest in the name hold the bytes.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .serviceConfiguration(s3 -> s3.chunkedEncodingEnabled(false));
        settings.endpoint().ifPresent(builder::endpointOverride);
        settings.accessKey()
                .ifPresent(key -> builder.credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(key, settings.secretKey().orElseThrow()))));
        String at = settings.endpoint().map(URI::toString).orElse("Amazon S3, region " + settings.region());
        return new S3ArtefactStore(builder.build(), bucket, settings.prefix(), "bucket " + bucket + " at " + at);
    }

    @Override
    public Uni<Artefact> put(byte[] content) {
        return run("put", () -> {
            String digest = Digests.hex(content);
            client.putObject(
                    put -> put.bucket(bucket).key(keyOf(digest)).contentMD5(md5(content)),
                    RequestBody.fromBytes(content));
            return new Artefact(digest, content.length);
        });
    }

    @Override
    public Uni<byte[]> get(String digest) {
        return run("get", () -> {
            byte[] content = object(digest, Optional.empty());
            if (!Digests.hex(content).equals(digest)) {
                throw new IOException(
                        place + ": object " + keyOf(digest)
                                + " is damaged, its bytes have another SHA-256 than its name; get it from a backup or remove it");
            }
            return content;
        });
    }

    @Override
    public Uni<Optional<Artefact>> find(String digest) {
        return run("find", () -> size(digest).map(size -> new Artefact(digest, size)));
    }

    @Override
    public Uni<byte[]> read(String digest, long offset, int length) {
        return run("read", () -> {
            long size = size(digest).orElseThrow(() -> new ArtefactNotFoundException(digest));
            long end = Math.min(size, offset + length);
            return end <= offset ? new byte[0] : object(digest, Optional.of("bytes=" + offset + "-" + (end - 1)));
        });
    }

    @Override
    public Uni<Void> delete(String digest) {
        return run("delete", () -> {
            client.deleteObject(delete -> delete.bucket(bucket).key(keyOf(digest)));
            return null;
        });
    }

    /** Completes if the bucket is there and may be read; fails saying what to do. */
    Uni<Void> reachable() {
        return run("reach", () -> {
            client.headBucket(head -> head.bucket(bucket));
            return null;
        });
    }

    @Override
    public void close() {
        client.close();
    }

    private Optional<Long> size(String digest) {
        try {
            return Optional.of(client.headObject(head -> head.bucket(bucket).key(keyOf(digest)))
                    .contentLength());
        } catch (NoSuchKeyException e) {
            return Optional.empty();
        }
    }

    private byte[] object(String digest, Optional<String> range) {
        try {
            return client.getObjectAsBytes(get -> {
                        get.bucket(bucket).key(keyOf(digest));
                        range.ifPresent(get::range);
                    })
                    .asByteArrayUnsafe();
        } catch (NoSuchKeyException e) {
            throw new ArtefactNotFoundException(digest);
        }
    }

    private String keyOf(String digest) {
        Sha256.requireDigest(digest);
        return prefix + digest.substring(0, 2) + "/" + digest;
    }

    private <T> Uni<T> run(String what, Callable<T> work) {
        return BlockingWork.run(() -> {
            try {
                return work.call();
            } catch (S3Exception e) {
                throw new IOException(
                        place + ", " + what + ": " + e.statusCode() + " " + said(e) + "; " + remedy(e), e);
            } catch (SdkException e) {
                throw new IOException(
                        place + ", " + what + ": " + e.getMessage()
                                + "; check cema.artefacts.s3.endpoint, region and the credentials",
                        e);
            }
        });
    }

    private static String said(S3Exception e) {
        return e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null
                ? String.valueOf(e.getMessage())
                : e.awsErrorDetails().errorCode() + " (" + e.awsErrorDetails().errorMessage() + ")";
    }

    private static String remedy(S3Exception e) {
        return switch (e.statusCode()) {
            case 401, 403 ->
                "check cema.artefacts.s3.access-key and secret-key, and that they may get, put, delete and"
                        + " list in the bucket";
            case 404 -> "make the bucket, or name another in cema.artefacts.s3.bucket";
            default -> "the store's own log may say more";
        };
    }

    private static String md5(byte[] content) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("MD5").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no MD5", e);
        }
    }
}
