/** From a selected image to the cloud: disk spool, bandwidth budget, sender; emptied by the cloud's ack alone. */
package io.cema.edge.uplink;
