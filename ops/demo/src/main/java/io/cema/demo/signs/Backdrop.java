package io.cema.demo.signs;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.random.RandomGenerator;

/**
 * What stands behind a sign, out of focus: sky, trees, buildings, hills, walls, the road. Drawn coarse, since the
 * camera blurs it anyway.
 */
final class Backdrop {
    private final RandomGenerator random;
    private final Graphics2D graphics;
    private final int side;

    private Backdrop(Graphics2D graphics, int side, RandomGenerator random) {
        this.graphics = graphics;
        this.side = side;
        this.random = random;
    }

    static BufferedImage draw(int side, RandomGenerator random) {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        new Backdrop(graphics, side, random).scene();
        graphics.dispose();
        return image;
    }

    private void scene() {
        sky();
        double horizon = between(0.3, 1.25);
        switch (random.nextInt(6)) {
            case 0 -> hills(horizon);
            case 1, 2 -> foliage(horizon - between(0.2, 0.9), horizon);
            case 3 -> buildings(horizon);
            case 4 -> {
                buildings(horizon);
                foliage(horizon - between(0.05, 0.3), horizon);
            }
            default -> wall();
        }
        ground(horizon);
    }

    private void sky() {
        float hue = (float) between(0.55, 0.62);
        boolean overcast = random.nextInt(3) == 0;
        float saturation = (float) (overcast ? between(0, 0.12) : between(0.2, 0.6));
        float value = (float) between(0.6, 1);
        Color top = Color.getHSBColor(hue, saturation, value);
        Color bottom = random.nextInt(6) == 0
                ? Color.getHSBColor((float) between(0.05, 0.12), (float) between(0.2, 0.5), Math.min(1, value + 0.1f))
                : Color.getHSBColor(hue, saturation * 0.4f, Math.min(1, value + 0.15f));
        graphics.setPaint(new GradientPaint(0, 0, top, 0, side, bottom));
        graphics.fillRect(0, 0, side, side);
        int clouds = random.nextInt(4);
        for (int i = 0; i < clouds; i++) {
            graphics.setColor(new Color(255, 255, 255, random.nextInt(40, 150)));
            ellipse(between(0, 1), between(0, 0.6), between(0.15, 0.5), between(0.03, 0.12));
        }
    }

    private void hills(double horizon) {
        for (int layer = 0; layer < 3; layer++) {
            float depth = layer / 2f;
            graphics.setColor(Color.getHSBColor(
                    (float) between(0.22, 0.5), 0.15f + 0.35f * depth, (float) between(0.65, 0.8) - 0.35f * depth));
            Path2D hill = new Path2D.Double();
            double y = (horizon - 0.3 + 0.12 * layer) * side;
            hill.moveTo(0, side);
            hill.lineTo(0, y + between(-0.1, 0.1) * side);
            hill.curveTo(
                    0.3 * side, y + between(-0.25, 0.2) * side, 0.6 * side, y + between(-0.2, 0.25) * side, side, y);
            hill.lineTo(side, side);
            graphics.fill(hill);
        }
    }

    private void foliage(double top, double bottom) {
        float hue = (float) (random.nextInt(7) == 0 ? between(0.06, 0.14) : between(0.2, 0.38));
        float value = (float) between(0.15, 0.5);
        int leaves = 90;
        for (int i = 0; i < leaves; i++) {
            double depth = (double) i / leaves;
            graphics.setColor(Color.getHSBColor(
                    hue + (float) between(-0.03, 0.03),
                    (float) between(0.3, 0.75),
                    Math.min(1, value * (float) between(0.4, 1.2 + 0.8 * depth))));
            double radius = between(0.02, 0.13);
            ellipse(between(-0.05, 1.05), top + (bottom - top) * Math.sqrt(random.nextDouble()), radius, radius);
        }
        if (random.nextBoolean()) {
            graphics.setColor(new Color(60, 48, 40));
            graphics.fill(
                    new Rectangle2D.Double(between(0, 1) * side, (top + 0.3) * side, between(0.02, 0.08) * side, side));
        }
    }

    private void buildings(double horizon) {
        double x = between(-0.3, 0);
        while (x < 1) {
            double width = between(0.2, 0.7);
            double top = horizon - between(0.2, 1.2);
            Color facade = Color.getHSBColor(
                    (float) between(0.02, 0.15), (float) between(0.05, 0.45), (float) between(0.3, 0.9));
            graphics.setColor(facade);
            graphics.fill(new Rectangle2D.Double(x * side, top * side, width * side, (horizon - top) * side));
            graphics.setColor(random.nextBoolean() ? facade.darker().darker() : new Color(150, 175, 200));
            double pitch = between(0.1, 0.2);
            for (double wy = top + 0.05; wy < horizon - 0.05; wy += pitch) {
                for (double wx = x + 0.04; wx < x + width - 0.06; wx += pitch) {
                    graphics.fill(
                            new Rectangle2D.Double(wx * side, wy * side, pitch * 0.5 * side, pitch * 0.55 * side));
                }
            }
            x += width + (random.nextInt(3) == 0 ? between(0, 0.2) : 0);
        }
    }

    private void wall() {
        float hue = (float) between(0, 0.12);
        float saturation = (float) between(0, 0.5);
        float value = (float) between(0.3, 0.85);
        double height = between(0.05, 0.14);
        for (double y = 0; y < 1; y += height) {
            double x = -between(0, 0.2);
            while (x < 1) {
                double width = between(0.1, 0.3);
                graphics.setColor(Color.getHSBColor(hue, saturation, Math.min(1, value * (float) between(0.8, 1.15))));
                graphics.fill(
                        new Rectangle2D.Double(x * side, y * side, (width - 0.012) * side, (height - 0.012) * side));
                x += width;
            }
        }
    }

    private void ground(double horizon) {
        if (horizon >= 1) {
            return;
        }
        float value = (float) between(0.25, 0.6);
        Color near = random.nextInt(3) == 0
                ? Color.getHSBColor((float) between(0.15, 0.33), 0.45f, value)
                : Color.getHSBColor(0.08f, (float) between(0, 0.1), value);
        graphics.setPaint(new GradientPaint(0, (float) (horizon * side), near.brighter(), 0, side, near));
        graphics.fill(new Rectangle2D.Double(0, horizon * side, side, side));
        if (random.nextInt(3) == 0) {
            graphics.setColor(new Color(225, 225, 220));
            Path2D marking = new Path2D.Double();
            double x = between(0, 1);
            marking.moveTo(x * side, horizon * side);
            marking.lineTo((x + between(-0.5, 0.3)) * side, side);
            marking.lineTo((x + between(0, 0.6)) * side, side);
            graphics.fill(marking);
        }
        if (random.nextInt(4) == 0) {
            graphics.setColor(
                    Color.getHSBColor(random.nextFloat(), (float) between(0.1, 0.9), (float) between(0.2, 0.9)));
            ellipse(between(0, 1), horizon, between(0.1, 0.25), between(0.05, 0.12));
        }
    }

    private void ellipse(double x, double y, double radiusX, double radiusY) {
        graphics.fill(new Ellipse2D.Double(
                (x - radiusX) * side, (y - radiusY) * side, 2 * radiusX * side, 2 * radiusY * side));
    }

    private double between(double low, double high) {
        return low + (high - low) * random.nextDouble();
    }
}
