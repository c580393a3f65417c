package io.cema.protocol.adaptation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cema.protocol.model.AffineParameters;
import io.cema.protocol.model.AffineParameters.Layer;
import io.cema.protocol.model.NormKind;
import io.cema.protocol.model.NormLayer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AdaptationTest {
    @Test
    void new_oneToEightExperts_areTaken() {
        for (int experts = 1; experts <= Adaptation.MOST; experts++) {
            Adaptation adaptation = Adaptations.of(experts, 1);

            assertThat(adaptation.experts()).hasSize(experts);
            assertThat(adaptation.mixed()).isEqualTo(experts > 1);
            assertThat(adaptation.first()).isEqualTo(Adaptations.affine(1));
        }
    }

    @Test
    void new_noExpert_isRefused() {
        assertThatThrownBy(() -> new Adaptation(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an adaptation has 1 to 8 experts, this one has 0");
    }

    @Test
    void new_nineExperts_areRefused() {
        assertThatThrownBy(() -> Adaptations.of(9, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an adaptation has 1 to 8 experts, this one has 9");
    }

    @Test
    void new_oneOfSeveralWithoutALook_isRefusedByPlace() {
        List<Expert> experts = new ArrayList<>(Adaptations.of(3, 1).experts());
        experts.set(1, new Expert(Adaptations.affine(1), Optional.empty()));

        assertThatThrownBy(() -> new Adaptation(experts))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expert 1 of 3 has no look to choose it by");
    }

    @Test
    void new_singleWithALook_isRefused() {
        List<Expert> experts = List.of(new Expert(Adaptations.affine(1), Optional.of(Adaptations.look(1))));

        assertThatThrownBy(() -> new Adaptation(experts))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expert 0 of 1 has a look, but is for all images");
    }

    @Test
    void new_listChangedAfterwards_staysAsItWas() {
        List<Expert> experts = new ArrayList<>(Adaptations.of(3, 1).experts());
        Adaptation adaptation = new Adaptation(experts);
        Collections.reverse(experts);

        assertThat(adaptation).isEqualTo(Adaptations.of(3, 1));
    }

    @Test
    void choose_several_isTheOneWithTheHighestScore() {
        Adaptation adaptation =
                mixture(Adaptations.look(0, 1, 0), Adaptations.look(0, -1, 0), Adaptations.look(3, 2, -1));

        assertThat(adaptation.choose(Adaptations.features(0, 0.5))).isZero();
        assertThat(adaptation.choose(Adaptations.features(0, -0.5))).isEqualTo(1);
        assertThat(adaptation.choose(Adaptations.features(3, 0.6))).isEqualTo(2);
        assertThat(adaptation.choose(Adaptations.features(3, 0.4)))
                .as("1 * 0 is above 2 * 0.4 - 1")
                .isZero();
    }

    @Test
    void choose_allScoresNegative_isStillTheHighest() {
        Adaptation adaptation =
                mixture(Adaptations.look(0, 0, -1e30f), Adaptations.look(0, 0, -3), Adaptations.look(0, 0, -4));

        assertThat(adaptation.choose(Adaptations.features(0, 1))).isEqualTo(1);
    }

    @Test
    void choose_tie_isTheFirstOfThem() {
        Adaptation adaptation =
                mixture(Adaptations.look(0, 0, -1), Adaptations.look(0, 0, 2), Adaptations.look(5, 0, 2));

        assertThat(adaptation.choose(Adaptations.features(0, 1))).isEqualTo(1);
    }

    @Test
    void choose_single_isTheFirst() {
        assertThat(Adaptation.of(Adaptations.affine(1)).choose(Adaptations.features(0, 1)))
                .isZero();
    }

    @Test
    void plus_several_addsTheBaseToEachAndKeepsTheLooks() {
        Adaptation differences = mixture(
                List.of(Adaptations.constant(0.5f), Adaptations.constant(-0.25f)),
                Adaptations.look(1),
                Adaptations.look(2));

        Adaptation absolute = differences.plus(Adaptations.constant(2));

        assertThat(absolute)
                .isEqualTo(mixture(
                        List.of(Adaptations.constant(2.5f), Adaptations.constant(1.75f)),
                        Adaptations.look(1),
                        Adaptations.look(2)));
        assertThat(absolute.minus(Adaptations.constant(2))).isEqualTo(differences);
    }

    @Test
    void plus_single_addsTheBase() {
        Adaptation absolute = Adaptation.of(Adaptations.constant(0.5f)).plus(Adaptations.constant(1));

        assertThat(absolute).isEqualTo(Adaptation.of(Adaptations.constant(1.5f)));
    }

    @Test
    void plus_anotherModelsBase_isRefused() {
        AffineParameters other = new AffineParameters(List.of(new Layer("bn1", new float[4], new float[4])));

        assertThatThrownBy(() -> Adaptations.of(2, 1).plus(other)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void requireMatches_lastExpertOfAnotherModel_isRefusedByNode() {
        AffineParameters other = new AffineParameters(
                List.of(new Layer("bn1", new float[4], new float[4]), new Layer("bn2", new float[6], new float[6])));
        Adaptation adaptation =
                mixture(List.of(Adaptations.affine(1), other), Adaptations.look(1), Adaptations.look(2));

        assertThatThrownBy(() -> adaptation.requireMatches(Adaptations.LAYERS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("node bn2 has 7 channels");
        assertThatCode(() -> Adaptations.of(2, 1).requireMatches(Adaptations.LAYERS))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> Adaptations.of(2, 1)
                        .requireMatches(List.of(new NormLayer("bn1", NormKind.BATCH, 4, 1e-5, false))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void requireFinite_lastExpertsValueIsNot_isRefusedByPlace() {
        AffineParameters bad = Adaptations.constant(1);
        bad.layers().get(1).shift()[5] = Float.POSITIVE_INFINITY;
        Adaptation adaptation = mixture(List.of(Adaptations.affine(1), bad), Adaptations.look(1), Adaptations.look(2));

        assertThatThrownBy(adaptation::requireFinite)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("node bn2, channel 5");
        assertThatCode(Adaptations.of(2, 1)::requireFinite).doesNotThrowAnyException();
    }

    private static Adaptation mixture(LookScore... looks) {
        return mixture(Collections.nCopies(looks.length, Adaptations.affine(1)), looks);
    }

    private static Adaptation mixture(List<AffineParameters> affines, LookScore... looks) {
        List<Expert> experts = new ArrayList<>();
        for (int i = 0; i < looks.length; i++) {
            experts.add(new Expert(affines.get(i), Optional.of(looks[i])));
        }
        return new Adaptation(experts);
    }
}
