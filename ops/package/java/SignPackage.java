import com.google.protobuf.ByteString;
import io.cema.protocol.message.AgentPackage;
import io.cema.protocol.signature.PackageSignature;
import io.cema.protocol.signature.SigningKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Signs a package for the cloud to hand out: {@code SignPackage KEY_FOLDER ARCHIVE VERSION PLATFORM}. Writes
 * {@code ARCHIVE.sig}, Base64. The folder holds the release key; without one it is made there, and its public half,
 * {@code signing-key.pub.pem}, is what devices pin. Keep the folder off every machine of the fleet and of the cloud.
 */
final class SignPackage {
    public static void main(String[] arguments) throws IOException, GeneralSecurityException {
        Path archive = Path.of(arguments[1]);
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream in = new DigestInputStream(Files.newInputStream(archive), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        AgentPackage unsigned = AgentPackage.newBuilder()
                .setVersion(arguments[2])
                .setPlatform(arguments[3])
                .setSha256(HexFormat.of().formatHex(digest.digest()))
                .setSize(Files.size(archive))
                .build();
        ByteString signature = PackageSignature.sign(
                        unsigned, SigningKey.loadOrCreate(Path.of(arguments[0])).privateKey())
                .getSignature();
        Path file = archive.resolveSibling(archive.getFileName() + ".sig");
        Files.writeString(file, Base64.getEncoder().encodeToString(signature.toByteArray()) + "\n");
        System.out.println(file);
    }
}
