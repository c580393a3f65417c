package io.cema.ops.scale;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;

/** An S3 store over a folder, on loopback, with one bucket. Arguments: data folder, port, access key, secret key, bucket. */
final class S3Node {
    private S3Node() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        Properties settings = new Properties();
        settings.setProperty("jclouds.filesystem.basedir", folder.toString());
        BlobStore store = ContextBuilder.newBuilder("filesystem")
                .credentials("unused", "unused")
                .overrides(settings)
                .build(BlobStoreContext.class)
                .getBlobStore();
        store.createContainerInLocation(null, arguments[4]);
        S3Proxy.builder()
                .blobStore(store)
                .endpoint(URI.create("http://127.0.0.1:" + arguments[1]))
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, arguments[2], arguments[3])
                .build()
                .start();
    }
}
