package io.cema.cloud.adaptation;

import io.cema.cloud.adaptation.torch.Distiller;
import io.cema.protocol.adaptation.Adaptation;
import io.cema.protocol.adaptation.AdaptationCodec;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * What a loop goes by: the version its devices run, or a candidate for that.
 *
 * @param version empty: the registered model
 * @param adaptation that runs, absolute: the version's, or one that devices went back to
 * @param bytes of the version, encoded
 * @param evidence uploads of its domain that the adaptation rests on; 0 for the registered model
 * @param newest newest upload taken when it was published; below the domain's start, it is of the domain before
 * @param checkpoint of the twin that adopted it, if there is one
 */
record LiveVersion(
        Optional<String> version,
        Adaptation adaptation,
        int bytes,
        int evidence,
        long newest,
        Optional<String> checkpoint) {
    private static final Logger LOG = Logger.getLogger(LiveVersion.class);

    /** As the loop's row has it; nothing is said of its evidence. */
    static LiveVersion of(LoopState state, Distiller distiller) {
        return of(state.liveVersion(), state.liveAffine(), state.checkpoint(), distiller);
    }

    static LiveVersion of(LoopState.Candidate candidate, Distiller distiller) {
        return of(
                Optional.of(candidate.version()),
                Optional.of(candidate.affine()),
                Optional.of(candidate.checkpoint()),
                distiller);
    }

    private static LiveVersion of(
            Optional<String> version, Optional<byte[]> affine, Optional<String> checkpoint, Distiller distiller) {
        return new LiveVersion(
                version,
                affine.map(bytes -> AdaptationCodec.decode(bytes, distiller.layers())
                                .plus(distiller.base()))
                        .orElseGet(() -> Adaptation.of(distiller.base())),
                affine.map(bytes -> bytes.length).orElse(0),
                0,
                0,
                checkpoint);
    }

    /** @param uploads of its domain; the registered model rests on none */
    LiveVersion restingOn(int uploads) {
        return new LiveVersion(version, adaptation, bytes, version.isPresent() ? uploads : 0, newest, checkpoint);
    }

    /**
     * Most devices went back by themselves to what was published for a domain that was here before: that is what a candidate has to
     * be better than.
     *
     * @param served absolute
     * @param uploads of that domain
     * @param since first upload of the present visit
     */
    LiveVersion running(Adaptation served, int uploads, long since) {
        return new LiveVersion(version, served, bytes, uploads, since, checkpoint);
    }

    /** How this stands to a candidate for the same domain that rests on so many of its uploads. */
    LiveStanding standing(int uploads, Adaptation next) {
        boolean moreDomains = next.experts().size() > adaptation.experts().size();
        return uploads >= 2 * evidence || moreDomains ? LiveStanding.OUTGROWN : LiveStanding.EQUAL;
    }

    /**
     * The twin, its teacher, optimisers and statistics are as they were when this was published. A version that an operator
     * went back to has no checkpoint any more, and one that was published before an upgrade may have one that cannot be read: the
     * twin then has its affine, of several the first, and nothing else is learnt.
     */
    void giveTo(Distiller distiller, LoopStore store) {
        Optional<byte[]> state = checkpoint.map(store::checkpoint);
        if (state.isPresent() && !Distiller.isOfAnotherVersion(state.get())) {
            distiller.restore(state.get());
            return;
        }
        if (state.isPresent()) {
            LOG.warnf(
                    "the state behind %s was written by another version of this service: the twin goes on from what was"
                            + " published, and learns the rest anew",
                    version.orElse("the registered model"));
        }
        distiller.reset();
        if (version.isPresent()) {
            distiller.adopt(adaptation.first().minus(distiller.base()));
        }
    }
}
