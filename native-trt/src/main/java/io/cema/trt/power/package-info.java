/**
 * What the machine draws and how hot it is: from NVML on data-centre cards, from the INA3221 monitors and thermal zones
 * of a Jetson, from thermal zones alone elsewhere. Knows nothing of CEMA and needs no TensorRT. Enter by PowerSensors.
 */
package io.cema.trt.power;
