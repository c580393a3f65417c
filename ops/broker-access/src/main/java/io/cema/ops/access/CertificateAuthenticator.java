package io.cema.ops.access;

import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthInput;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthOutput;
import com.hivemq.extension.sdk.api.packets.connect.ConnackReasonCode;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets a client in whose certificate is good and whose client id is its own. Called on the broker's threads. */
final class CertificateAuthenticator implements SimpleAuthenticator {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateAuthenticator.class);

    private final Revocations revocations;
    private final Guests guests;

    CertificateAuthenticator(Revocations revocations, Guests guests) {
        this.revocations = revocations;
        this.guests = guests;
    }

    @Override
    public void onConnect(SimpleAuthInput input, SimpleAuthOutput output) {
        String clientId = input.getClientInformation().getClientId();
        Optional<String> objection;
        try {
            Admission admission = Admission.of(input.getConnectionInformation());
            objection = objection(admission, clientId);
            if (objection.isEmpty() && admission instanceof Admission.Known known) {
                guests.entered(clientId, known.certificate());
            }
        } catch (RuntimeException e) {
            LOG.error("client {} cannot be judged", clientId, e);
            objection = Optional.of("of an error of the broker's");
        }
        if (objection.isEmpty()) {
            output.authenticateSuccessfully();
        } else {
            LOG.warn("client {} is refused: {}", clientId, objection.get());
            output.failAuthentication(ConnackReasonCode.NOT_AUTHORIZED);
        }
    }

    private Optional<String> objection(Admission admission, String clientId) {
        if (admission instanceof Admission.Known known) {
            return known.principal().owns(clientId)
                    ? revocations.objection(known.certificate())
                    : Optional.of(
                            "the client id is not one of " + known.principal().commonName());
        }
        return admission instanceof Admission.Refused refused ? Optional.of(refused.why()) : Optional.empty();
    }
}
