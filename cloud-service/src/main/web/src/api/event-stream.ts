/** One message of a stream of server-sent events. */
export interface StreamMessage {
  type: string;
  data: string;
}

/**
 * Reads the format of server-sent events (HTML standard, 9.2.6) from text that comes in any pieces. EventSource cannot send
 * a token, so the page reads the stream itself.
 */
export class EventStreamParser {
  /** Where to go on, by the last `id` that came with a whole message, with or without data. */
  lastId = "";
  retryMillis: number | undefined;

  private rest = "";
  private id: string | undefined;
  private type = "";
  private data: string[] = [];

  constructor(private readonly deliver: (message: StreamMessage) => void) {}

  push(text: string): void {
    this.rest += text;
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(this.rest);
      if (!end) {
        return;
      }
      const line = this.rest.slice(0, end.index);
      this.rest = this.rest.slice(end.index + end[0].length);
      this.line(line);
    }
  }

  private line(line: string): void {
    if (line === "") {
      this.dispatch();
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) {
      return; // a comment: the stream lives
    }
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") {
      this.data.push(value);
    } else if (field === "event") {
      this.type = value;
    } else if (field === "id" && !value.includes("\0")) {
      this.id = value;
    } else if (field === "retry" && /^\d+$/.test(value)) {
      this.retryMillis = Number(value);
    }
  }

  private dispatch(): void {
    this.lastId = this.id ?? this.lastId;
    if (this.data.length > 0) {
      this.deliver({ type: this.type || "message", data: this.data.join("\n") });
    }
    this.id = undefined;
    this.type = "";
    this.data = [];
  }
}
