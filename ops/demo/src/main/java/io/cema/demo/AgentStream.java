package io.cema.demo;

import java.nio.file.Path;

/**
 * What one agent sees, and what the demo alone knows of it. The arrays have one entry per frame and are not changed
 * once made.
 *
 * @param device id of the agent
 * @param record its record file
 * @param label true class of each frame
 * @param phase index of each frame's phase
 * @param withoutAdaptation class the unchanged edge model gives each frame
 */
record AgentStream(String device, Path record, int[] label, int[] phase, int[] withoutAdaptation) {
    int frames() {
        return label.length;
    }
}
