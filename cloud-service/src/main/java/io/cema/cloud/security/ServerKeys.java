package io.cema.cloud.security;

import io.cema.protocol.tls.PemTls;
import java.net.Socket;
import java.nio.file.Path;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * A server's certificate and key from files, which may be others later: connections from then on see those. A handshake at
 * that very moment may get the one's certificate with the other's key, and fails; its client tries again.
 */
final class ServerKeys extends X509ExtendedKeyManager {
    private final Path certificate;
    private final Path key;
    private volatile X509ExtendedKeyManager present;

    /** @throws IllegalArgumentException naming the file that is missing or wrong */
    ServerKeys(Path certificate, Path key) {
        this.certificate = certificate;
        this.key = key;
        read();
    }

    /**
     * Takes what the files hold now. Short file I/O.
     *
     * @throws IllegalArgumentException naming the file that is missing or wrong; what was in use stays so
     */
    void read() {
        present = (X509ExtendedKeyManager) PemTls.identity(certificate, key).getKeyManagers()[0];
    }

    @Override
    public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        return present.chooseEngineServerAlias(keyType, issuers, engine);
    }

    @Override
    public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        return present.chooseServerAlias(keyType, issuers, socket);
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
        return present.getServerAliases(keyType, issuers);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return present.getCertificateChain(alias);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return present.getPrivateKey(alias);
    }

    /** None: this is a server. */
    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
        return new String[0];
    }

    /** None: this is a server. */
    @Override
    public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
        return null;
    }
}
