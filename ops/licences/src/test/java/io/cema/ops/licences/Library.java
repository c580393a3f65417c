package io.cema.ops.licences;

import java.util.List;

/**
 * Somebody else's work that is part of ours.
 *
 * @param name package URL, such as {@code pkg:maven/com.github.luben/zstd-jni@1.5.7-3?type=jar}
 * @param licences as it names them itself; of several one may choose, unless an expression says otherwise
 * @param delivered false for what is needed to build alone
 */
record Library(String name, List<String> licences, boolean delivered) {
    /** The name without version and qualifiers. */
    String unversioned() {
        int version = name.indexOf('@', name.lastIndexOf('/'));
        return version < 0 ? name : name.substring(0, version);
    }
}
