/** What an operator carries from the cloud to a new device. Both sides enter. */
package io.cema.protocol.enrolment;
