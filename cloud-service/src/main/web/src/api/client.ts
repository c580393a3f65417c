import { session } from "../session";
import type { Problem } from "./types";

/** An answer that is no success, as the service's problem details, or made up here where it gave none. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
  }
}

export interface Answer<T> {
  body: T;
  etag: string | null;
}

/** A page of a list; `next` asks for the following one. */
export interface Page<T> {
  items: T[];
  next?: number | null;
}

export type Query = Record<string, string | number | undefined>;

interface Options {
  query?: Query;
  body?: unknown;
  etag?: string | null;
  signal?: AbortSignal;
}

/** Throws ProblemError; a token that does not hold ends the session. */
export async function call<T>(method: string, path: string, options: Options = {}): Promise<Answer<T>> {
  const response = await send(method, path, options);
  const body = response.status === 204 ? undefined : await response.json();
  return { body: body as T, etag: response.headers.get("ETag") };
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return (await call<T>("GET", path, { query, signal })).body;
}

/** Undefined where there is none. */
export async function ifThere<T>(path: string, signal?: AbortSignal): Promise<T | undefined> {
  try {
    return await get<T>(path, undefined, signal);
  } catch (e) {
    if (e instanceof ProblemError && e.problem.status === 404) {
      return undefined;
    }
    throw e;
  }
}

/** All pages up to `most` items, so that a large fleet does not stop the browser. */
export async function getAll<T>(
  path: string,
  query: Query,
  most: number,
  signal?: AbortSignal,
): Promise<{ items: T[]; more: boolean }> {
  const items: T[] = [];
  let offset: number | undefined = 0;
  while (items.length < most) {
    const page: Page<T> = await get<Page<T>>(path, { ...query, limit: 500, offset }, signal);
    items.push(...page.items);
    if (page.next === undefined || page.next === null) {
      return { items, more: false };
    }
    offset = page.next;
  }
  return { items, more: true };
}

/** A device's image as the address of an object in memory; the caller revokes it. Each look is in the audit log. */
export async function image(path: string, signal?: AbortSignal): Promise<string> {
  const response = await send("GET", path, { signal });
  return URL.createObjectURL(await response.blob());
}

async function send(method: string, path: string, options: Options): Promise<Response> {
  const headers = session.headers();
  if (options.body !== undefined) {
    headers.set("Content-Type", "application/json");
  }
  if (options.etag) {
    headers.set("If-Match", options.etag);
  }
  if (method === "POST") {
    headers.set("Idempotency-Key", randomKey());
  }
  let response: Response;
  try {
    response = await fetch(`/api/v1/${path}${queryText(options.query)}`, {
      method,
      headers,
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: options.signal,
      cache: "no-store",
    });
  } catch (e) {
    if (options.signal?.aborted) {
      throw e;
    }
    throw new ProblemError({
      type: "urn:cema:problem:unreachable",
      title: "The service cannot be reached",
      status: 0,
      detail: "no answer came. The page goes on trying; check that the service runs and that the network is there",
      instance: path,
    });
  }
  if (response.ok) {
    return response;
  }
  const problem = await problemOf(response, path);
  if (response.status === 401) {
    session.end(problem.detail);
  }
  throw new ProblemError(problem);
}

async function problemOf(response: Response, path: string): Promise<Problem> {
  if (response.headers.get("Content-Type")?.startsWith("application/problem+json")) {
    return (await response.json()) as Problem;
  }
  return {
    type: "about:blank",
    title: `Answer ${response.status}`,
    status: response.status,
    detail: "the answer says no more; the service's log may",
    instance: path,
  };
}

export function queryText(query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  return pairs.length === 0
    ? ""
    : `?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&")}`;
}

/** Not randomUUID, which browsers give to pages from https and this machine alone. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}
