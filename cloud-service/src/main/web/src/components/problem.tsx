import type { Problem } from "../api/types";
import { Shape } from "./status";

/** What went wrong and what to do, in the service's words. */
export function ProblemBox({ problem, retry }: { problem: Problem | undefined; retry?: () => void }) {
  if (!problem) {
    return null;
  }
  return (
    <div class="problem" role="alert">
      <Shape tone="bad" />
      <div>
        <strong>{problem.title}</strong>
        <p>{problem.detail}</p>
        <p class="muted small">
          {problem.status > 0 && `HTTP ${problem.status} · `}
          {problem.type.replace("urn:cema:problem:", "")}
          {problem.instance && ` · ${problem.instance}`}
        </p>
      </div>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}
