import { useCallback, useEffect, useReducer, useRef, useState } from "preact/hooks";
import { ProblemError } from "./api/client";
import { live } from "./api/live";
import type { LiveEvent, Problem } from "./api/types";

/** Renders again when the watched thing tells. */
export function useWatched(watch: (watcher: () => void) => () => void): void {
  const [, again] = useReducer<number, void>((n) => n + 1, 0);
  useEffect(() => watch(() => again()), []);
}

export interface Loaded<T> {
  data: T | undefined;
  problem: Problem | undefined;
  reload: () => void;
}

interface Freshness {
  /** Loads again when such an event comes. */
  on?: (event: LiveEvent) => boolean;
  /** Loads again so often while the page is looked at. */
  everyMillis?: number;
}

const SETTLE_MILLIS = 700;

/**
 * What `load` gives, again whenever one of `inputs` changes and as `fresh` says. What was there stays while it is loaded
 * again and when that fails; then `problem` says why.
 */
export function useLoaded<T>(
  load: (signal: AbortSignal) => Promise<T>,
  inputs: unknown[],
  fresh: Freshness = {},
): Loaded<T> {
  const [data, setData] = useState<T | undefined>();
  const [problem, setProblem] = useState<Problem | undefined>();
  const current = useRef<AbortController | undefined>(undefined);
  const latest = useRef(load);
  latest.current = load;

  const reload = useCallback(() => {
    current.current?.abort();
    const own = new AbortController();
    current.current = own;
    latest
      .current(own.signal)
      .then((loaded) => {
        if (!own.signal.aborted) {
          setData(() => loaded);
          setProblem(undefined);
        }
      })
      .catch((e: unknown) => {
        if (!own.signal.aborted) {
          setProblem(problemOf(e));
        }
      });
  }, []);

  useEffect(() => {
    setData(undefined);
    setProblem(undefined);
    reload();
    return () => current.current?.abort();
  }, inputs);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = live.watch((event) => {
      if (event.type === "stream.gap" || fresh.on?.(event)) {
        // Many come together; those that come while it waits are seen by the same load.
        timer ??= setTimeout(() => {
          timer = undefined;
          reload();
        }, SETTLE_MILLIS);
      }
    });
    const interval =
      fresh.everyMillis === undefined
        ? undefined
        : setInterval(() => {
            if (document.visibilityState === "visible") {
              reload();
            }
          }, fresh.everyMillis);
    return () => {
      stop();
      clearTimeout(timer);
      clearInterval(interval);
    };
  }, inputs);

  return { data, problem, reload };
}

export function problemOf(e: unknown): Problem {
  return e instanceof ProblemError
    ? e.problem
    : {
        type: "about:blank",
        title: "The page has failed",
        status: 0,
        detail: `${String(e)}. Reload it; if it stays, tell those who run the service`,
        instance: "",
      };
}

/** The time, anew every `millis`, for "3 s ago". */
export function useNow(millis = 5000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), millis);
    return () => clearInterval(timer);
  }, [millis]);
  return now;
}
