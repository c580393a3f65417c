import assert from "node:assert/strict";
import { test } from "node:test";
import { EventStreamParser, type StreamMessage } from "../src/api/event-stream";

function read(...pieces: string[]) {
  const messages: StreamMessage[] = [];
  const parser = new EventStreamParser((message) => messages.push(message));
  pieces.forEach((piece) => parser.push(piece));
  return { messages, parser };
}

test("a message comes whole, however it was cut", () => {
  const text = "id: 8.1\nevent: device.online\ndata: {\"a\":\ndata: 1}\n\n";
  for (let cut = 0; cut <= text.length; cut++) {
    const { messages, parser } = read(text.slice(0, cut), text.slice(cut));
    assert.deepEqual(messages, [{ type: "device.online", data: '{"a":\n1}' }]);
    assert.equal(parser.lastId, "8.1");
  }
});

test("a sign of life moves the position and delivers nothing", () => {
  const { messages, parser } = read(": alive\nid: 9.0\nretry: 2000\n\n");
  assert.deepEqual(messages, []);
  assert.equal(parser.lastId, "9.0");
  assert.equal(parser.retryMillis, 2000);
});

test("the position waits for the end of its message", () => {
  assert.equal(read("id: 7.7\ndata: x\n").parser.lastId, "");
});

test("carriage returns end lines too, also between two pieces", () => {
  assert.deepEqual(read("data: a\r", "\n\r\n").messages, [{ type: "message", data: "a" }]);
});
