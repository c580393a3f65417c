import type { Rollout, WaveProgress } from "../api/types";
import { count, plural } from "../format";

const PARTS: { key: keyof WaveProgress; name: string }[] = [
  { key: "applied", name: "applied" },
  { key: "verified", name: "verified" },
  { key: "downloaded", name: "downloaded" },
  { key: "downloading", name: "downloading" },
  { key: "failed", name: "failed" },
  { key: "pending", name: "pending" },
];

/** How far each wave is, as a bar with its numbers behind it. */
export function Waves({ rollout }: { rollout: Rollout }) {
  const progress = rollout.progress ?? [];
  return (
    <ol class="waves">
      {rollout.waves.map((wave, i) => {
        const at = progress[i];
        return (
          <li key={i} aria-current={i === rollout.wave ? "step" : undefined}>
            <p>
              <strong>{wave.name || `Wave ${i + 1}`}</strong>
              {wave.percent > 0 && <span class="muted"> up to {wave.percent} %</span>}
              {i === rollout.wave && rollout.endedAt == null && <span class="tag">now</span>}
            </p>
            {at && <WaveBar progress={at} />}
          </li>
        );
      })}
    </ol>
  );
}

function WaveBar({ progress }: { progress: WaveProgress }) {
  let x = 0;
  const total = Math.max(1, progress.devices);
  const parts = PARTS.map((part) => {
    const n = Number(progress[part.key]);
    const shown = { ...part, n, x };
    x += (n / total) * 100;
    return shown;
  });
  return (
    <div class="wave-bar">
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect class="bar-track" width="100" height="8" />
        {parts.map((p) => (
          <rect key={p.key} class={`part-${p.key}`} x={p.x} width={(p.n / total) * 100} height="8" />
        ))}
      </svg>
      <p class="small muted">
        {plural(progress.devices, "device")}:{" "}
        {parts
          .filter((p) => p.n > 0)
          .map((p) => `${count(p.n)} ${p.name}`)
          .join(", ") || "none told yet"}
      </p>
    </div>
  );
}
