package io.cema.cloud.model;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.util.Optional;

/** {@code cema.artefacts.*}: where models, images and checkpoints lie. */
@ConfigMapping(prefix = "cema.artefacts")
interface ArtefactSettings {
    /** {@code files}: in the folder {@code artefacts} of {@code cema.data-dir}; {@code s3}: in a bucket that every process reaches. */
    @WithDefault("files")
    Kind store();

    S3 s3();

    /** Where. */
    enum Kind {
        FILES,
        S3
    }

    /** Any store that speaks S3. */
    interface S3 {
        /** Its address; absent: Amazon's of the region. */
        Optional<URI> endpoint();

        @WithDefault("us-east-1")
        String region();

        /** Exists already; needed with {@code store=s3}. */
        Optional<String> bucket();

        /** What every key begins with. */
        @WithDefault("artefacts/")
        String prefix();

        /** Absent: the environment's, the profile's or the machine's, as the AWS SDK finds them. */
        Optional<String> accessKey();

        /** Goes with the access key. */
        Optional<String> secretKey();

        /** True: the bucket stands in the path, as most stores but Amazon's want it; false: in the host name. */
        @WithDefault("true")
        boolean pathStyle();
    }
}
