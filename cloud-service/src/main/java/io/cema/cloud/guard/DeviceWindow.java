package io.cema.cloud.guard;

/**
 * A device's uploads of the window in two halves: what is odd must be odd in both, so that a lorry before the lens is none.
 */
record DeviceWindow(String device, Portrait older, Portrait newer) {
    Portrait whole() {
        return older.plus(newer);
    }
}
