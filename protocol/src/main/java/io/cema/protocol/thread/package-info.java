/** Threads that work beside a process and end with it. */
package io.cema.protocol.thread;
