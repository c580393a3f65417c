package io.cema.demo.signs;

import java.util.random.RandomGenerator;

/**
 * How the camera sees the sign's plane: from each place of the picture back to the face. Turned about all three axes
 * under a perspective camera, then scaled and shifted as a detector's crop does it.
 */
final class Pose {
    private static final double DISTANCE = 3.2;

    private final double[] faceToCamera;
    private final double scale;
    private final double centreX;
    private final double centreY;

    Pose(RandomGenerator random) {
        double yaw = Math.toRadians(random.nextGaussian() * 15);
        double pitch = Math.toRadians(random.nextGaussian() * 7);
        double roll = Math.toRadians(random.nextGaussian() * 4.5);
        double cy = Math.cos(yaw);
        double sy = Math.sin(yaw);
        double cp = Math.cos(pitch);
        double sp = Math.sin(pitch);
        double cr = Math.cos(roll);
        double sr = Math.sin(roll);
        // The first two columns of Ry Rx Rz: where the face's u and v axes point in the camera's frame.
        faceToCamera = new double[] {
            cy * cr + sy * sp * sr,
            -cy * sr + sy * sp * cr,
            cp * sr,
            cp * cr,
            -sy * cr + cy * sp * sr,
            sy * sr + cy * sp * cr
        };
        scale = 0.62 + 0.3 * random.nextDouble();
        centreX = 0.09 * (2 * random.nextDouble() - 1);
        centreY = 0.09 * (2 * random.nextDouble() - 1);
    }

    /**
     * Solves the projection for the face's coordinates.
     *
     * @param x -1 to 1 across the picture; y likewise, downwards
     * @param uv receives the place on the face's plane
     */
    void toFace(double x, double y, double[] uv) {
        double px = (x - centreX) / scale;
        double py = (y - centreY) / scale;
        // px = D (m0 u + m1 v) / (D + m4 u + m5 v), py likewise with m2 and m3.
        double a = DISTANCE * faceToCamera[0] - px * faceToCamera[4];
        double b = DISTANCE * faceToCamera[1] - px * faceToCamera[5];
        double c = DISTANCE * faceToCamera[2] - py * faceToCamera[4];
        double d = DISTANCE * faceToCamera[3] - py * faceToCamera[5];
        double determinant = a * d - b * c;
        uv[0] = DISTANCE * (px * d - py * b) / determinant;
        uv[1] = DISTANCE * (py * a - px * c) / determinant;
    }
}
