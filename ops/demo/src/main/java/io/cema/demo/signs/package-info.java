/**
 * European traffic signs as a roadside camera crops them: 28 faces drawn by code, their surroundings, the camera, and
 * the training of the demo's two nets on them. Enter through {@link io.cema.demo.signs.SignGenerator}.
 */
package io.cema.demo.signs;
