package io.cema.demo.signs;

import java.awt.BasicStroke;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.RoundRectangle2D;

/**
 * The few characters that stand on signs, as strokes: no font of the machine is needed, so every machine draws the
 * same. A glyph's box is 0.56 wide and 1 high, its lines 0.17 thick.
 */
final class Glyphs {
    private static final double WIDTH = 0.56;
    private static final double NARROW = 0.26;
    private static final double GAP = 0.27;
    private static final float THICKNESS = 0.17f;

    private Glyphs() {}

    /** The text in outline, centred on the origin, 1 high from line middle to line middle. */
    static Area text(String text) {
        Area all = new Area();
        double x = 0;
        BasicStroke pen = new BasicStroke(THICKNESS, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 3f);
        for (char c : text.toCharArray()) {
            Shape outline = pen.createStrokedShape(strokes(c));
            all.add(new Area(AffineTransform.getTranslateInstance(x, 0).createTransformedShape(outline)));
            x += (c == '1' ? NARROW : WIDTH) + GAP;
        }
        return all.createTransformedArea(AffineTransform.getTranslateInstance(-(x - GAP) / 2, -0.5));
    }

    private static Path2D strokes(char c) {
        Path2D p = new Path2D.Double();
        switch (c) {
            case '0', 'O' -> p.append(new RoundRectangle2D.Double(0, 0, WIDTH, 1, WIDTH, 0.62), false);
            case '1' -> {
                p.moveTo(0, 0.24);
                p.lineTo(NARROW - 0.05, 0.03);
                p.lineTo(NARROW - 0.05, 1.08);
            }
            case '2' -> {
                p.moveTo(0.01, 0.3);
                p.curveTo(0, -0.1, WIDTH, -0.1, WIDTH, 0.28);
                p.curveTo(WIDTH, 0.5, 0.2, 0.66, 0.06, 1);
                p.lineTo(0.64, 1);
            }
            case '3' -> {
                p.moveTo(0.02, 0.24);
                p.curveTo(0.06, -0.08, 0.54, -0.08, 0.53, 0.25);
                p.curveTo(0.53, 0.42, 0.4, 0.47, 0.2, 0.47);
                p.moveTo(0.2, 0.47);
                p.curveTo(0.45, 0.47, 0.57, 0.56, WIDTH, 0.74);
                p.curveTo(0.55, 1.09, 0.03, 1.1, 0, 0.76);
            }
            case '5' -> {
                p.moveTo(0.55, 0);
                p.lineTo(0.1, 0);
                p.lineTo(0.05, 0.48);
                p.curveTo(0.2, 0.31, WIDTH, 0.33, WIDTH, 0.68);
                p.curveTo(WIDTH, 1.09, 0.03, 1.1, 0, 0.78);
            }
            case '6' -> {
                p.moveTo(0.45, -0.06);
                p.curveTo(0.2, 0.18, 0, 0.42, 0, 0.7);
                p.append(new Ellipse2D.Double(0, 0.4, WIDTH, 0.6), false);
            }
            case '7' -> {
                p.moveTo(-0.04, 0);
                p.lineTo(0.54, 0);
                p.curveTo(0.34, 0.35, 0.2, 0.68, 0.17, 1.08);
            }
            case '8' -> {
                p.append(new Ellipse2D.Double(0.04, 0, 0.48, 0.46), false);
                p.append(new Ellipse2D.Double(0, 0.46, WIDTH, 0.54), false);
            }
            case 'S' -> {
                p.moveTo(0.54, 0.25);
                p.curveTo(0.48, -0.08, 0.03, -0.08, 0.03, 0.24);
                p.curveTo(0.04, 0.53, 0.54, 0.45, 0.55, 0.76);
                p.curveTo(0.55, 1.08, 0.04, 1.08, 0, 0.76);
            }
            case 'T' -> {
                p.moveTo(-0.04, 0);
                p.lineTo(0.6, 0);
                p.moveTo(WIDTH / 2, 0);
                p.lineTo(WIDTH / 2, 1.08);
            }
            case 'P' -> {
                p.moveTo(0.02, 1.08);
                p.lineTo(0.02, 0);
                p.lineTo(0.26, 0);
                p.curveTo(0.64, 0, 0.64, 0.54, 0.26, 0.54);
                p.lineTo(0.02, 0.54);
            }
            default -> throw new IllegalArgumentException("no glyph for '" + c + "'");
        }
        return p;
    }
}
