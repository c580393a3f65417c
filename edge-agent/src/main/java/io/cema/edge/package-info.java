/** The wiring: settings, the one frame-processing thread, start and stop of everything else. Nobody else imports it. */
package io.cema.edge;
