package io.cema.cloud.rollout.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.cema.cloud.http.Ids;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A wave as it stands in requests, answers and the database. Exactly one of {@code percent}, {@code devices} and
 * {@code labels} is there; {@link #selection()} is its typed form. What is left out of the rest has its default.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(description = "Devices that get the model together, and what decides about them")
record Wave(
        @Schema(examples = "canary", description = "1 to 60 characters") String name,
        @Schema(description = "Share of all the cohort's devices, those of earlier waves among them", examples = "10")
                Double percent,
        @Schema(description = "These devices of the cohort") List<String> devices,
        @Schema(description = "The cohort's devices with these labels") WaveLabels labels,
        @Schema(description = "All of it must hold before the next wave begins") Success success,
        @Schema(description = "What ends the rollout; a model proved worse ends it always") Errors errors,
        @Schema(
                        minimum = "1",
                        maximum = "2592000",
                        description = "A wave undecided for so long ends the rollout; pauses do not count",
                        defaultValue = "86400")
                Long timeLimitSeconds) {
    private static final int LONGEST_NAME = 60;
    private static final int MOST_DEVICES = 10_000;
    private static final long LONGEST_SECONDS = 2_592_000;
    private static final long DEFAULT_SECONDS = 86_400;
    private static final Pattern ID = Pattern.compile(Ids.PATTERN);

    Wave {
        if (name == null || name.isBlank() || name.length() > LONGEST_NAME) {
            throw new IllegalArgumentException("name must have 1 to " + LONGEST_NAME + " characters");
        }
        if (Stream.of(percent, devices, labels).filter(s -> s != null).count() != 1) {
            throw new IllegalArgumentException("wave " + name + " needs exactly one of percent, devices and labels");
        }
        if (percent != null && !(percent > 0 && percent <= WaveSelection.Percent.ALL)) {
            throw new IllegalArgumentException("percent must be above 0 and at most 100, is " + percent);
        }
        if (devices != null && (devices.isEmpty() || devices.size() > MOST_DEVICES)) {
            throw new IllegalArgumentException("devices must name 1 to " + MOST_DEVICES);
        }
        if (devices != null
                && devices.stream().anyMatch(d -> d == null || !ID.matcher(d).matches())) {
            throw new IllegalArgumentException("devices: an id " + Ids.MESSAGE);
        }
        devices = devices == null ? null : List.copyOf(devices);
        success = success == null ? Success.DEFAULT : success;
        errors = errors == null ? Errors.DEFAULT : errors;
        timeLimitSeconds = timeLimitSeconds == null ? DEFAULT_SECONDS : timeLimitSeconds;
        if (timeLimitSeconds < 1 || timeLimitSeconds > LONGEST_SECONDS) {
            throw new IllegalArgumentException(
                    "timeLimitSeconds must be from 1 to " + LONGEST_SECONDS + ", is " + timeLimitSeconds);
        }
    }

    WaveSelection selection() {
        if (percent != null) {
            return new WaveSelection.Percent(percent);
        }
        return devices != null
                ? new WaveSelection.Listed(Set.copyOf(devices))
                : new WaveSelection.Labelled(labels.labels());
    }

    /** What a wave's success asks for; what is absent is not asked for, but something must be. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(
            name = "WaveSuccess",
            description = "What a wave's success asks for; left out as a whole: 90 % applied, health by 100 uploads")
    record Success(SuccessCondition.AppliedShare applied, SuccessCondition.HealthNotWorse health) {
        static final Success DEFAULT =
                new Success(new SuccessCondition.AppliedShare(0.9, 1), SuccessCondition.HealthNotWorse.DEFAULT);

        Success {
            if (applied == null && health == null) {
                throw new IllegalArgumentException("success asks for nothing: name applied, health or both");
            }
        }

        List<SuccessCondition> conditions() {
            List<SuccessCondition> conditions = new ArrayList<>();
            Stream.of(applied, health).filter(c -> c != null).forEach(conditions::add);
            return conditions;
        }
    }

    /** What ends the rollout, beside a model proved worse and the time limit. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "WaveErrors", description = "What ends the rollout; left out: 20 % failed, at least 2 devices")
    record Errors(ErrorCondition.FailedShare failed) {
        static final Errors DEFAULT = new Errors(new ErrorCondition.FailedShare(0.2, 2));

        Errors {
            failed = failed == null ? new ErrorCondition.FailedShare(0.2, 2) : failed;
        }

        List<ErrorCondition> conditions() {
            return List.of(failed, new ErrorCondition.HealthWorse());
        }
    }
}
