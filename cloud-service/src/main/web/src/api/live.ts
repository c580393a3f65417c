import { session } from "../session";
import { EventStreamParser } from "./event-stream";
import type { LiveEvent } from "./types";

export type LiveState = "connecting" | "live" | "away";

const FIRST_PAUSE_MILLIS = 1000;
const LONGEST_PAUSE_MILLIS = 20_000;
/** The service shows a sign of life more often than this; a stream that is silent for so long is dead. */
const SILENCE_MILLIS = 60_000;

/** What happens in the fleet, as it happens: one stream for the whole page, opened again behind the last event seen. */
class Live {
  state: LiveState = "connecting";
  private readonly watchers = new Set<(event: LiveEvent) => void>();
  private readonly stateWatchers = new Set<() => void>();
  private running: AbortController | undefined;
  private lastId = "";

  start(): void {
    if (!this.running) {
      this.running = new AbortController();
      void this.run(this.running.signal);
    }
  }

  stop(): void {
    this.running?.abort();
    this.running = undefined;
    this.lastId = "";
    this.become("connecting");
  }

  watch(watcher: (event: LiveEvent) => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  watchState(watcher: () => void): () => void {
    this.stateWatchers.add(watcher);
    return () => this.stateWatchers.delete(watcher);
  }

  private become(state: LiveState): void {
    if (this.state !== state) {
      this.state = state;
      this.stateWatchers.forEach((watcher) => watcher());
    }
  }

  private async run(stopped: AbortSignal): Promise<void> {
    let pause = FIRST_PAUSE_MILLIS;
    while (!stopped.aborted) {
      try {
        await this.read(stopped, () => {
          pause = FIRST_PAUSE_MILLIS;
          this.become("live");
        });
      } catch {
        // Told by the state; the next attempt shows whether it lasts.
      }
      if (stopped.aborted) {
        return;
      }
      if (pause > FIRST_PAUSE_MILLIS) {
        this.become("away");
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
    }
  }

  private async read(stopped: AbortSignal, opened: () => void): Promise<void> {
    const dead = new AbortController();
    const give = () => dead.abort();
    stopped.addEventListener("abort", give);
    let timer = setTimeout(give, SILENCE_MILLIS);
    try {
      const headers = session.headers();
      headers.set("Accept", "text/event-stream");
      if (this.lastId) {
        headers.set("Last-Event-ID", this.lastId);
      }
      const response = await fetch("/api/v1/events/stream", { headers, signal: dead.signal, cache: "no-store" });
      if (response.status === 401) {
        session.end("the token no longer holds");
      }
      if (!response.ok || !response.body) {
        if (response.status === 400) {
          this.lastId = ""; // of another database: begin anew
        }
        throw new Error(`the stream is refused with ${response.status}`);
      }
      opened();
      const parser = new EventStreamParser((message) => this.deliver(message.data));
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) {
          return;
        }
        clearTimeout(timer);
        timer = setTimeout(give, SILENCE_MILLIS);
        parser.push(value);
        this.lastId = parser.lastId || this.lastId;
      }
    } finally {
      clearTimeout(timer);
      stopped.removeEventListener("abort", give);
    }
  }

  private deliver(data: string): void {
    const event = JSON.parse(data) as LiveEvent;
    this.watchers.forEach((watcher) => watcher(event));
  }
}

export const live = new Live();
