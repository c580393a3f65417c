package io.cema.protocol.onnx;

/** IEEE 754 binary16, which Java has no conversions of before version 20. */
final class Half {
    /** Largest finite value. */
    static final float LARGEST = 65504;

    private static final int INFINITY = 0x7c00;
    private static final int QUIET = 0x200;

    private Half() {}

    /** The exact value. */
    static float toFloat(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = (half >> 10) & 0x1f;
        int mantissa = half & 0x3ff;
        if (exponent == 0) {
            float magnitude = mantissa * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        int bits = exponent == 31 ? 0x7f800000 | mantissa << 13 : (exponent + 112) << 23 | mantissa << 13;
        return Float.intBitsToFloat(sign | bits);
    }

    /** The nearest value, of two as near the even one; infinity from 65520 on. */
    static short of(float value) {
        int sign = Float.floatToRawIntBits(value) >>> 16 & 0x8000;
        if (Float.isNaN(value)) {
            return (short) (sign | INFINITY | QUIET);
        }
        float magnitude = Math.abs(value);
        if (magnitude >= LARGEST + 16) {
            return (short) (sign | INFINITY);
        }
        // Steps of a half at this magnitude: 2^-10 of its power of two, and below the normal ones 2^-24.
        int exponent = Math.max(-14, Math.getExponent(magnitude));
        int steps = (int) Math.rint(Math.scalb((double) magnitude, 10 - exponent));
        // Steps reach into the exponent's bits, both for the leading one and when rounding carries.
        return (short) (sign | (exponent + 14 << 10) + steps);
    }
}
