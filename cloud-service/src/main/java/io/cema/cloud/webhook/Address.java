package io.cema.cloud.webhook;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** A network of addresses, {@code 10.1.0.0/16} or {@code fd00::/8}; without a length, one address. Immutable. */
final class Address {
    private final byte[] bytes;
    private final int length;

    private Address(byte[] bytes, int length) {
        this.bytes = bytes;
        this.length = length;
    }

    /** Whether the text is digits of an address rather than a name. */
    static boolean literal(String text) {
        return text.indexOf(':') >= 0 || text.matches("[0-9.]+(/[0-9]+)?");
    }

    /** @throws IllegalArgumentException if it is none */
    static Address parse(String text) {
        int slash = text.indexOf('/');
        try {
            byte[] bytes = InetAddress.getByName(slash < 0 ? text : text.substring(0, slash))
                    .getAddress();
            int length = slash < 0 ? 8 * bytes.length : Integer.parseInt(text.substring(slash + 1));
            if (length < 0 || length > 8 * bytes.length) {
                throw new IllegalArgumentException("'" + text + "' has a length beyond its address");
            }
            return new Address(bytes, length);
        } catch (UnknownHostException | NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is no network of addresses", e);
        }
    }

    boolean holds(InetAddress address) {
        byte[] other = address.getAddress();
        if (other.length != bytes.length) {
            return false;
        }
        int whole = length / 8;
        int rest = length % 8;
        return Arrays.equals(bytes, 0, whole, other, 0, whole)
                && (rest == 0 || (bytes[whole] & 0xff) >> (8 - rest) == (other[whole] & 0xff) >> (8 - rest));
    }
}
