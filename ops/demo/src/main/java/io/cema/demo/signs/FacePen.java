package io.cema.demo.signs;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;

/**
 * Draws on a sign's face in its own coordinates: the centre is (0, 0), x to the right and y down, and the largest
 * signs reach from -1 to 1. Confined to one thread.
 */
final class FacePen {
    private final Graphics2D graphics;

    /** @param side pixels of the square canvas; a margin of 4 % stays around the face */
    FacePen(Graphics2D graphics, int side) {
        this.graphics = graphics;
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.translate(side / 2.0, side / 2.0);
        graphics.scale(side * 0.48, side * 0.48);
    }

    void fill(Color colour, Shape shape) {
        graphics.setColor(colour);
        graphics.fill(shape);
    }

    /** Fills a polygon whose corners are rounded by the given radius, which it grows by. */
    void fillRounded(Color colour, double radius, double... xy) {
        Path2D polygon = polygon(xy);
        graphics.setColor(colour);
        graphics.fill(polygon);
        graphics.setStroke(new BasicStroke((float) (2 * radius), BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        graphics.draw(polygon);
    }

    void fillPolygon(Color colour, double... xy) {
        fill(colour, polygon(xy));
    }

    void disc(Color colour, double x, double y, double radius) {
        fill(colour, new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
    }

    void line(Color colour, double thickness, double... xy) {
        stroke(colour, thickness, open(xy));
    }

    void stroke(Color colour, double thickness, Shape shape) {
        graphics.setColor(colour);
        graphics.setStroke(new BasicStroke((float) thickness, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 4f));
        graphics.draw(shape);
    }

    /** A shape that was drawn around the origin, moved, scaled and turned (degrees, clockwise). */
    static Shape placed(Shape shape, double x, double y, double scaleX, double scaleY, double degrees) {
        AffineTransform place = AffineTransform.getTranslateInstance(x, y);
        place.rotate(Math.toRadians(degrees));
        place.scale(scaleX, scaleY);
        return place.createTransformedShape(shape);
    }

    static Path2D polygon(double... xy) {
        Path2D path = open(xy);
        path.closePath();
        return path;
    }

    private static Path2D open(double... xy) {
        Path2D path = new Path2D.Double();
        path.moveTo(xy[0], xy[1]);
        for (int i = 2; i < xy.length; i += 2) {
            path.lineTo(xy[i], xy[i + 1]);
        }
        return path;
    }
}
