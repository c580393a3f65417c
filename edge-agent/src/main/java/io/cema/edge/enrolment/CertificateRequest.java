package io.cema.edge.enrolment;

import io.cema.protocol.signature.Pem;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;

/** A certificate request (PKCS#10, RFC 2986) with a common name and nothing else: too little to need a library. */
final class CertificateRequest {
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OBJECT_ID = 0x06;
    private static final int UTF8_STRING = 0x0c;
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int NO_ATTRIBUTES = 0xa0;
    private static final byte[] COMMON_NAME = {0x55, 0x04, 0x03};
    private static final byte[] ECDSA_SHA256 = {0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x04, 0x03, 0x02};

    private CertificateRequest() {}

    /** In PEM, signed with the key it asks for. */
    static String create(String commonName, KeyPair pair) {
        byte[] name = der(
                SEQUENCE,
                der(
                        SET,
                        der(
                                SEQUENCE,
                                der(OBJECT_ID, COMMON_NAME),
                                der(UTF8_STRING, commonName.getBytes(StandardCharsets.UTF_8)))));
        byte[] info = der(
                SEQUENCE, der(INTEGER, new byte[] {0}), name, pair.getPublic().getEncoded(), der(NO_ATTRIBUTES));
        byte[] signature = sign(pair, info);
        byte[] bits = new byte[signature.length + 1]; // led by the number of unused bits: none
        System.arraycopy(signature, 0, bits, 1, signature.length);
        return Pem.block(
                "CERTIFICATE REQUEST",
                der(SEQUENCE, info, der(SEQUENCE, der(OBJECT_ID, ECDSA_SHA256)), der(BIT_STRING, bits)));
    }

    private static byte[] sign(KeyPair pair, byte[] bytes) {
        try {
            Signature signer = Signature.getInstance("SHA256withECDSA");
            signer.initSign(pair.getPrivate());
            signer.update(bytes);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the device's key cannot sign", e);
        }
    }

    /** One element of the Distinguished Encoding Rules, below 64 KiB. */
    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        int length = content.size();
        ByteArrayOutputStream element = new ByteArrayOutputStream();
        element.write(tag);
        if (length >= 0x100) {
            element.write(0x82);
            element.write(length >> 8);
        } else if (length >= 0x80) {
            element.write(0x81);
        }
        element.write(length);
        element.writeBytes(content.toByteArray());
        return element.toByteArray();
    }
}
