package io.cema.demo.signs;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Arc2D;
import java.awt.geom.Area;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;

/** The faces, after the Vienna Convention on Road Signs, in the plain forms common in central Europe. */
final class SignFaces {
    private static final Color RED = new Color(186, 22, 32);
    private static final Color BLUE = new Color(14, 78, 160);
    private static final Color YELLOW = new Color(247, 190, 22);
    private static final Color GREEN = new Color(20, 140, 80);
    private static final Color WHITE = new Color(242, 242, 240);
    private static final Color BLACK = new Color(26, 26, 29);
    private static final Color GREY = new Color(120, 122, 124);

    private SignFaces() {}

    static void speedLimit(FacePen pen, String number) {
        prohibition(pen);
        double scaleX = number.length() == 3 ? 0.56 : 0.72;
        pen.fill(BLACK, FacePen.placed(Glyphs.text(number), 0, 0, scaleX, 0.74, 0));
    }

    static void prohibition(FacePen pen) {
        pen.disc(WHITE, 0, 0, 1);
        pen.disc(RED, 0, 0, 0.97);
        pen.disc(WHITE, 0, 0, 0.75);
    }

    static void stop(FacePen pen) {
        pen.fillPolygon(WHITE, octagon(1.04));
        pen.fillPolygon(RED, octagon(0.98));
        pen.fill(WHITE, FacePen.placed(Glyphs.text("STOP"), 0, 0, 0.5, 0.58, 0));
    }

    private static double[] octagon(double reach) {
        double[] xy = new double[16];
        for (int i = 0; i < 8; i++) {
            xy[2 * i] = reach * Math.cos(Math.PI / 8 + i * Math.PI / 4);
            xy[2 * i + 1] = reach * Math.sin(Math.PI / 8 + i * Math.PI / 4);
        }
        return xy;
    }

    static void yield(FacePen pen) {
        pen.fillRounded(WHITE, 0.1, -0.9, -0.72, 0.9, -0.72, 0, 0.84);
        pen.fillRounded(RED, 0.08, -0.9, -0.72, 0.9, -0.72, 0, 0.84);
        pen.fillRounded(WHITE, 0.03, -0.55, -0.51, 0.55, -0.51, 0, 0.43);
    }

    static void priorityRoad(FacePen pen) {
        pen.fillRounded(BLACK, 0.06, 0, -0.95, 0.95, 0, 0, 0.95, -0.95, 0);
        pen.fillRounded(WHITE, 0.05, 0, -0.92, 0.92, 0, 0, 0.92, -0.92, 0);
        pen.fillRounded(YELLOW, 0.03, 0, -0.62, 0.62, 0, 0, 0.62, -0.62, 0);
    }

    static void noEntry(FacePen pen) {
        pen.disc(WHITE, 0, 0, 1);
        pen.disc(RED, 0, 0, 0.96);
        pen.fill(WHITE, new Rectangle2D.Double(-0.72, -0.17, 1.44, 0.34));
    }

    static void noOvertaking(FacePen pen) {
        prohibition(pen);
        car(pen, RED, -0.32);
        car(pen, BLACK, 0.32);
    }

    private static void car(FacePen pen, Color colour, double x) {
        pen.fillRounded(colour, 0.05, x - 0.14, -0.26, x + 0.14, -0.26, x + 0.2, 0, x - 0.2, 0);
        pen.fillRounded(colour, 0.05, x - 0.21, -0.02, x + 0.21, -0.02, x + 0.21, 0.18, x - 0.21, 0.18);
        pen.fillPolygon(WHITE, x - 0.11, -0.2, x + 0.11, -0.2, x + 0.14, -0.04, x - 0.14, -0.04);
        pen.fill(colour, new Rectangle2D.Double(x - 0.23, 0.18, 0.11, 0.16));
        pen.fill(colour, new Rectangle2D.Double(x + 0.12, 0.18, 0.11, 0.16));
        pen.disc(WHITE, x - 0.14, 0.09, 0.045);
        pen.disc(WHITE, x + 0.14, 0.09, 0.045);
    }

    static void endOfRestrictions(FacePen pen) {
        pen.disc(GREY, 0, 0, 1);
        pen.disc(WHITE, 0, 0, 0.95);
        for (double offset = -0.2; offset < 0.21; offset += 0.1) {
            pen.line(BLACK, 0.055, -0.62 + offset, 0.62 + offset, 0.62 + offset, -0.62 + offset);
        }
    }

    private static void warning(FacePen pen) {
        pen.fillRounded(WHITE, 0.1, 0, -0.84, 0.9, 0.72, -0.9, 0.72);
        pen.fillRounded(RED, 0.08, 0, -0.84, 0.9, 0.72, -0.9, 0.72);
        pen.fillRounded(WHITE, 0.03, 0, -0.45, 0.57, 0.53, -0.57, 0.53);
    }

    static void generalDanger(FacePen pen) {
        warning(pen);
        pen.fillPolygon(BLACK, -0.1, -0.3, 0.1, -0.3, 0.06, 0.22, -0.06, 0.22);
        pen.disc(BLACK, 0, 0.38, 0.095);
    }

    static void roadWorks(FacePen pen) {
        warning(pen);
        pen.disc(BLACK, 0.02, -0.2, 0.09);
        pen.line(BLACK, 0.16, 0.0, -0.1, -0.12, 0.2);
        pen.line(BLACK, 0.1, -0.1, 0.14, -0.02, 0.32, -0.08, 0.53);
        pen.line(BLACK, 0.1, -0.13, 0.14, -0.28, 0.53);
        pen.line(BLACK, 0.07, 0.02, -0.06, 0.14, 0.12);
        pen.line(BLACK, 0.05, -0.12, 0.06, 0.26, 0.28);
        pen.fillPolygon(BLACK, 0.1, 0.53, 0.3, 0.24, 0.48, 0.53);
    }

    static void curve(FacePen pen, int side) {
        warning(pen);
        Path2D road = new Path2D.Double();
        road.moveTo(-side * 0.16, 0.5);
        road.lineTo(-side * 0.16, 0.22);
        road.curveTo(-side * 0.16, 0.02, side * 0.02, 0.08, side * 0.13, -0.1);
        pen.stroke(BLACK, 0.15, road);
        pen.fillPolygon(BLACK, side * 0.22, -0.28, side * 0.28, 0.02, side * 0.0, -0.14);
    }

    static void bumpyRoad(FacePen pen) {
        warning(pen);
        Path2D bumps = new Path2D.Double();
        bumps.moveTo(-0.52, 0.44);
        bumps.curveTo(-0.4, 0.42, -0.36, 0.12, -0.22, 0.12);
        bumps.curveTo(-0.1, 0.12, -0.1, 0.34, 0, 0.34);
        bumps.curveTo(0.1, 0.34, 0.1, 0.12, 0.22, 0.12);
        bumps.curveTo(0.36, 0.12, 0.4, 0.42, 0.52, 0.44);
        bumps.closePath();
        pen.fill(BLACK, bumps);
    }

    static void trafficSignals(FacePen pen) {
        warning(pen);
        pen.fillRounded(BLACK, 0.06, -0.1, -0.22, 0.1, -0.22, 0.1, 0.46, -0.1, 0.46);
        pen.disc(RED, 0, -0.14, 0.105);
        pen.disc(YELLOW, 0, 0.12, 0.105);
        pen.disc(GREEN, 0, 0.38, 0.105);
    }

    static void pedestrianCrossing(FacePen pen) {
        pen.fillRounded(WHITE, 0.1, -0.88, -0.88, 0.88, -0.88, 0.88, 0.88, -0.88, 0.88);
        pen.fillRounded(BLUE, 0.08, -0.86, -0.86, 0.86, -0.86, 0.86, 0.86, -0.86, 0.86);
        pen.fillPolygon(WHITE, 0, -0.78, 0.82, 0.74, -0.82, 0.74);
        pen.disc(BLACK, 0.02, -0.32, 0.1);
        pen.line(BLACK, 0.17, 0.02, -0.22, 0, 0.16);
        pen.line(BLACK, 0.09, 0, -0.16, -0.2, 0.1);
        pen.line(BLACK, 0.09, 0.02, -0.16, 0.2, 0.06);
        pen.line(BLACK, 0.11, 0, 0.1, -0.18, 0.46);
        pen.line(BLACK, 0.11, 0, 0.1, 0.18, 0.48);
        for (int stripe = -2; stripe <= 2; stripe++) {
            double x = stripe * 0.26;
            pen.fillPolygon(BLACK, x - 0.07, 0.54, x + 0.05, 0.54, x + 0.08, 0.68, x - 0.1, 0.68);
        }
    }

    private static void mandatory(FacePen pen) {
        pen.disc(WHITE, 0, 0, 1);
        pen.disc(BLUE, 0, 0, 0.96);
    }

    static void roundabout(FacePen pen) {
        mandatory(pen);
        for (int turn = 0; turn < 360; turn += 120) {
            Shape arc = new BasicStroke(0.2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER)
                    .createStrokedShape(new Arc2D.Double(-0.52, -0.52, 1.04, 1.04, 20, 72, Arc2D.OPEN));
            Area arrow = new Area(arc);
            arrow.add(new Area(FacePen.polygon(0.28, -0.22, 0.76, -0.22, 0.6, 0.16)));
            Shape flipped = FacePen.placed(arrow, 0, 0, -1, 1, 0);
            pen.fill(WHITE, FacePen.placed(flipped, 0, 0, 1, 1, turn));
        }
    }

    static void straightAhead(FacePen pen) {
        mandatory(pen);
        pen.fill(WHITE, arrow());
    }

    static void keep(FacePen pen, int side) {
        mandatory(pen);
        pen.fill(WHITE, FacePen.placed(arrow(), 0, 0, 1, 1, side * 135));
    }

    /** Upwards, centred. */
    private static Path2D arrow() {
        return FacePen.polygon(0, -0.78, 0.42, -0.22, 0.13, -0.3, 0.13, 0.68, -0.13, 0.68, -0.13, -0.3, -0.42, -0.22);
    }

    static void turn(FacePen pen, int side) {
        mandatory(pen);
        Path2D way = new Path2D.Double();
        way.moveTo(-side * 0.32, 0.66);
        way.lineTo(-side * 0.32, 0.1);
        way.curveTo(-side * 0.32, -0.12, -side * 0.24, -0.18, 0, -0.18);
        way.lineTo(side * 0.3, -0.18);
        pen.stroke(WHITE, 0.25, way);
        pen.fillPolygon(WHITE, side * 0.74, -0.18, side * 0.18, 0.24, side * 0.26, -0.18, side * 0.18, -0.6);
    }
}
