package io.cema.demo.signs;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** The signs that the demo's nets tell apart; the ordinal is the class index. */
public enum SignClass {
    SPEED_20(face -> SignFaces.speedLimit(face, "20")),
    SPEED_30(face -> SignFaces.speedLimit(face, "30")),
    SPEED_50(face -> SignFaces.speedLimit(face, "50")),
    SPEED_60(face -> SignFaces.speedLimit(face, "60")),
    SPEED_70(face -> SignFaces.speedLimit(face, "70")),
    SPEED_80(face -> SignFaces.speedLimit(face, "80")),
    SPEED_100(face -> SignFaces.speedLimit(face, "100")),
    SPEED_120(face -> SignFaces.speedLimit(face, "120")),
    STOP(SignFaces::stop),
    YIELD(SignFaces::yield),
    PRIORITY_ROAD(SignFaces::priorityRoad),
    NO_ENTRY(SignFaces::noEntry),
    NO_VEHICLES(SignFaces::prohibition),
    NO_OVERTAKING(SignFaces::noOvertaking),
    END_OF_RESTRICTIONS(SignFaces::endOfRestrictions),
    GENERAL_DANGER(SignFaces::generalDanger),
    ROAD_WORKS(SignFaces::roadWorks),
    CURVE_LEFT(face -> SignFaces.curve(face, -1)),
    CURVE_RIGHT(face -> SignFaces.curve(face, 1)),
    BUMPY_ROAD(SignFaces::bumpyRoad),
    TRAFFIC_SIGNALS(SignFaces::trafficSignals),
    PEDESTRIAN_CROSSING(SignFaces::pedestrianCrossing),
    ROUNDABOUT(SignFaces::roundabout),
    STRAIGHT_AHEAD(SignFaces::straightAhead),
    TURN_LEFT(face -> SignFaces.turn(face, -1)),
    TURN_RIGHT(face -> SignFaces.turn(face, 1)),
    KEEP_LEFT(face -> SignFaces.keep(face, -1)),
    KEEP_RIGHT(face -> SignFaces.keep(face, 1));

    private final Consumer<FacePen> face;

    SignClass(Consumer<FacePen> face) {
        this.face = face;
    }

    /** The class name in label lists, e.g. {@code speed_50}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** All class names in the order of their indices. */
    public static List<String> labels() {
        return Arrays.stream(values()).map(SignClass::label).toList();
    }

    void draw(FacePen pen) {
        face.accept(pen);
    }
}
