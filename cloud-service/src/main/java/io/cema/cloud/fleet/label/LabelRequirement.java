package io.cema.cloud.fleet.label;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** One part of a selector. As in Kubernetes, what excludes values holds for a device without the label too. */
sealed interface LabelRequirement {
    boolean holds(Map<String, String> labels);

    /**
     * @param device alias of table {@code device}
     * @param parameter takes a value and gives what stands for it in the statement
     */
    String sql(String device, Function<Object, String> parameter);

    /** {@code gpu} or {@code !old}. */
    record Presence(String key, boolean there) implements LabelRequirement {
        @Override
        public boolean holds(Map<String, String> labels) {
            return labels.containsKey(key) == there;
        }

        @Override
        public String sql(String device, Function<Object, String> parameter) {
            return label(device, there, "l.key = " + parameter.apply(key));
        }

        @Override
        public String toString() {
            return there ? key : "!" + key;
        }
    }

    /** {@code site=north}, {@code floor!=2}, {@code site in (a,b)}, {@code site notin (a,b)}; at least one value. */
    record Values(String key, Set<String> values, boolean among) implements LabelRequirement {
        public Values {
            values = Set.copyOf(values);
        }

        @Override
        public boolean holds(Map<String, String> labels) {
            String value = labels.get(key);
            return (value != null && values.contains(value)) == among;
        }

        @Override
        public String sql(String device, Function<Object, String> parameter) {
            String value = values.size() == 1 // so that the index is used to its end
                    ? "l.value = " + parameter.apply(values.iterator().next())
                    : "l.value = any(" + parameter.apply(values.toArray(String[]::new)) + "::text[])";
            return label(device, among, value + " and l.key = " + parameter.apply(key));
        }

        @Override
        public String toString() {
            if (values.size() == 1) {
                return key
                        + (among ? "=" : "!=")
                        + SelectorParser.quoted(values.iterator().next());
            }
            StringBuilder text = new StringBuilder(key).append(among ? " in (" : " notin (");
            String between = "";
            for (String value : new TreeSet<>(values)) {
                text.append(between).append(SelectorParser.quoted(value));
                between = ",";
            }
            return text.append(')').toString();
        }
    }

    private static String label(String device, boolean there, String condition) {
        return (there ? "" : "not ") + "exists (select 1 from device_label l where l.tenant = " + device
                + ".tenant and l.device = " + device + ".id and " + condition + ")";
    }
}
