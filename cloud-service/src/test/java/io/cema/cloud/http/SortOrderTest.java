package io.cema.cloud.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SortOrderTest {
    private static final SortOrder ORDER = SortOrder.byUnique("id", "d.id").with("seenAt", "d.seen_at");

    @Test
    void orderBy_nothing_isTheUniqueField() {
        assertThat(ORDER.orderBy("")).isEqualTo(" order by d.id");
    }

    @Test
    void orderBy_field_endsWithTheUniqueOne() {
        assertThat(ORDER.orderBy("-seenAt")).isEqualTo(" order by d.seen_at desc nulls last, d.id");
    }

    @Test
    void orderBy_uniqueFieldGiven_isNotRepeated() {
        assertThat(ORDER.orderBy("seenAt,-id")).isEqualTo(" order by d.seen_at asc nulls last, d.id desc nulls last");
    }

    @ParameterizedTest
    @ValueSource(strings = {"name", "id;drop table device", "d.id", "id,", "id,id", "--id", "seenAt desc"})
    void orderBy_whatIsNoField_isRefused(String sort) {
        assertThatThrownBy(() -> ORDER.orderBy(sort))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("[id, seenAt]");
    }
}
