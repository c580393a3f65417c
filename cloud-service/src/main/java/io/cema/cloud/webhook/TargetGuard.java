package io.cema.cloud.webhook;

import io.cema.cloud.http.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Where webhooks may lead. Whoever can name an address could else make the service ask its own neighbours: a metadata
 * service, a database, itself. So only public addresses are reached, and others that a setting names. It is looked up anew for
 * each delivery, and connected to is the very address that was found good: a name cannot change in between. Fails closed.
 */
@ApplicationScoped
class TargetGuard {
    /** What {@link InetAddress} does not tell: shared, "this network", protocol assignments, tests, benchmarks, reserved. */
    private static final List<Address> SPECIAL = List.of(
            Address.parse("0.0.0.0/8"),
            Address.parse("100.64.0.0/10"),
            Address.parse("192.0.0.0/24"),
            Address.parse("192.0.2.0/24"),
            Address.parse("192.88.99.0/24"),
            Address.parse("198.18.0.0/15"),
            Address.parse("198.51.100.0/24"),
            Address.parse("203.0.113.0/24"),
            Address.parse("240.0.0.0/4"),
            // Unique local, and those that carry an IPv4 address inside or lead to one.
            Address.parse("fc00::/7"),
            Address.parse("::/96"),
            Address.parse("64:ff9b::/96"),
            Address.parse("64:ff9b:1::/48"),
            Address.parse("2001::/23"),
            Address.parse("2001:db8::/32"),
            Address.parse("2002::/16"));

    private final Set<String> allowedNames = new HashSet<>();
    private final List<Address> allowedAddresses = new ArrayList<>();
    private final boolean plainLoopback;

    TargetGuard(WebhookSettings settings) {
        for (String host : settings.allowedHosts().orElse(List.of())) {
            if (Address.literal(host)) {
                allowedAddresses.add(Address.parse(host));
            } else {
                allowedNames.add(host.toLowerCase(Locale.ROOT));
            }
        }
        plainLoopback = settings.plainLoopback();
    }

    /**
     * What can be told of an address without asking the network.
     *
     * @throws ProblemException 422 saying what is wrong with it
     */
    URI requireForm(String text) {
        URI url;
        try {
            url = new URI(text);
        } catch (URISyntaxException e) {
            throw refused("it is no address: " + e.getReason());
        }
        if (url.getHost() == null || url.getRawUserInfo() != null || url.getRawFragment() != null) {
            throw refused("it must be https://HOST/PATH without a user and without a fragment");
        }
        boolean plain = "http".equalsIgnoreCase(url.getScheme());
        if (!plain && !"https".equalsIgnoreCase(url.getScheme())) {
            throw refused("only https is spoken");
        }
        if (plain && !plainLoopback) {
            throw refused("only https is spoken; to a receiver on this very machine http, where"
                    + " cema.webhooks.plain-loopback says so");
        }
        return url;
    }

    /**
     * Looks the host up. Blocks.
     *
     * @return the address to connect to
     * @throws ProblemException 422 if the host has none, or any that may not be reached
     */
    InetAddress requireReachable(URI url) {
        String host = url.getHost().replaceAll("[\\[\\]]", "");
        InetAddress[] found;
        try {
            found = InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            throw refused("its host " + host + " has no address");
        }
        boolean plain = "http".equalsIgnoreCase(url.getScheme());
        for (InetAddress address : found) {
            if (plain && !address.isLoopbackAddress()) {
                throw refused(
                        "http is spoken to this very machine alone, and " + host + " is " + address.getHostAddress());
            }
            if (!isPublic(address) && !allowed(host, address)) {
                throw refused("its host " + host + " is " + address.getHostAddress()
                        + ", which is not public; if it may be reached, name it in cema.webhooks.allowed-hosts");
            }
        }
        return found[0];
    }

    private boolean allowed(String host, InetAddress address) {
        return allowedNames.contains(host.toLowerCase(Locale.ROOT))
                || allowedAddresses.stream().anyMatch(network -> network.holds(address));
    }

    static boolean isPublic(InetAddress address) {
        return !(address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()
                || SPECIAL.stream().anyMatch(network -> network.holds(address)));
    }

    private static ProblemException refused(String why) {
        return ProblemException.unprocessable(
                "webhook-target", "Webhooks may not lead there", "the webhook's `url` is refused: " + why);
    }
}
