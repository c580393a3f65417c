/** The demo: its images, its scenario, its report. Runs the real processes and only watches them. */
package io.cema.demo;
