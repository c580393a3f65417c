package io.cema.protocol.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigningKeyTest {
    @TempDir
    Path folder;

    @Test
    void second_start_gets_the_same_key() {
        SigningKey first = SigningKey.loadOrCreate(folder);
        SigningKey second = SigningKey.loadOrCreate(folder);
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.privateKey().getEncoded())
                .isEqualTo(first.privateKey().getEncoded());
    }

    @Test
    void public_file_trusts_the_key() {
        SigningKey key = SigningKey.loadOrCreate(folder);
        TrustedKeys trusted = TrustedKeys.fromPem(folder.resolve("signing-key.pub.pem"));
        assertThat(trusted.find(key.id())).contains(key.publicKey());
    }

    @Test
    void private_file_is_the_owners_alone() throws IOException {
        SigningKey.loadOrCreate(folder);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("signing-key.pem"))))
                .isEqualTo("rw-------");
    }

    @Test
    void private_file_open_to_others_is_refused() throws IOException {
        SigningKey.loadOrCreate(folder);
        Files.setPosixFilePermissions(folder.resolve("signing-key.pem"), PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> SigningKey.loadOrCreate(folder)).hasMessageContaining("chmod 600");
    }

    @Test
    void half_written_key_of_a_crash_is_not_used() throws IOException {
        Files.writeString(folder.resolve("signing-key.pem.part"), "-----BEGIN PRIV");
        SigningKey key = SigningKey.loadOrCreate(folder);
        assertThat(SigningKey.loadOrCreate(folder).id()).isEqualTo(key.id());
    }

    @Test
    void lost_public_file_is_written_again() throws IOException {
        SigningKey key = SigningKey.loadOrCreate(folder);
        Files.delete(folder.resolve("signing-key.pub.pem"));
        SigningKey.loadOrCreate(folder);
        assertThat(TrustedKeys.fromPem(folder.resolve("signing-key.pub.pem")).find(key.id()))
                .isPresent();
    }

    @Test
    void truncated_private_file_is_an_error_not_a_new_key() throws IOException {
        SigningKey.loadOrCreate(folder);
        Path file = folder.resolve("signing-key.pem");
        Files.writeString(file, Files.readString(file).substring(0, 60));
        assertThatThrownBy(() -> SigningKey.loadOrCreate(folder))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void trusted_key_of_another_algorithm_is_refused() throws Exception {
        Path file = folder.resolve("rsa.pem");
        byte[] der = KeyPairGenerator.getInstance("RSA")
                .generateKeyPair()
                .getPublic()
                .getEncoded();
        Files.writeString(file, Pem.block("PUBLIC KEY", der));
        assertThatThrownBy(() -> TrustedKeys.fromPem(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void key_does_not_print_its_secret() {
        SigningKey key = SigningKey.generate();
        assertThat(key).hasToString("SigningKey[" + key.id() + "]");
    }
}
