import type { Finding } from "../health";
import { Status } from "./status";

/** What wants a look, or that nothing does. */
export function Findings({ found, strip = false }: { found: Finding[]; strip?: boolean }) {
  return (
    <ul class={strip ? "findings strip" : "findings"}>
      {found.length === 0 && (
        <li>
          <Status tone="good">nothing stands out</Status>
        </li>
      )}
      {found.map((f) => (
        <li key={f.text}>
          <Status tone={f.tone}>{f.text}</Status>
        </li>
      ))}
    </ul>
  );
}
