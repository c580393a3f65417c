import type { ComponentChildren } from "preact";

/** How something stands; each has a shape of its own, so that nobody needs the colour. */
export type Tone = "good" | "warn" | "bad" | "info" | "none";

const SHAPES: Record<Tone, string> = {
  good: "M6 1.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6z",
  warn: "M6 1 11.2 10.6H.8z",
  bad: "M1.6 1.6h8.8v8.8H1.6z",
  info: "M6 .8 11.2 6 6 11.2.8 6z",
  none: "M6 1.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6zm0 1.6a3.2 3.2 0 1 1 0 6.4 3.2 3.2 0 0 1 0-6.4z",
};

export function Shape({ tone }: { tone: Tone }) {
  return (
    <svg class={`shape ${tone}`} viewBox="0 0 12 12" aria-hidden="true">
      <path d={SHAPES[tone]} />
    </svg>
  );
}

export function Status({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return (
    <span class={`status ${tone}`}>
      <Shape tone={tone} />
      <span>{children}</span>
    </span>
  );
}

const TONES: Record<string, Tone> = {
  ONLINE: "good",
  OFFLINE: "bad",
  UNKNOWN: "warn",
  PUBLISHED: "good",
  REFUSED: "none",
  CANARY: "info",
  PROMOTED: "good",
  REVOKED: "bad",
  SUPERSEDED: "none",
  DRAFT: "none",
  RUNNING: "info",
  PAUSED: "warn",
  SUCCEEDED: "good",
  ROLLING_BACK: "warn",
  ROLLED_BACK: "bad",
  CANCELLED: "none",
  FAILED: "bad",
  QUEUED: "none",
  DONE: "good",
  INTERRUPTED: "warn",
  APPLIED: "good",
  PENDING: "none",
  DOWNLOADING: "info",
  DOWNLOADED: "info",
  VERIFIED: "info",
  REJECTED: "warn",
  RECALLED: "info",
  ACCEPTED: "good",
  TIMED_OUT: "warn",
  EXPIRED: "warn",
  HEALTHY: "good",
  UNHEALTHY: "bad",
  UNDECIDED: "none",
};

export function toneOf(state: string): Tone {
  return TONES[state] ?? "none";
}

/** A state by the service's own word, in lower case. */
export function State({ of }: { of: string }) {
  return <Status tone={toneOf(of)}>{of.toLowerCase().replace(/_/g, " ")}</Status>;
}
