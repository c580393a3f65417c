import { get, ifThere, type Page } from "../api/client";
import type { LayerMovement, ModelView, SampleView, UpdateRolloutView, UpdateView } from "../api/types";
import { Empty, Facts, Heading, Section, Waiting } from "../components/layout";
import { ProblemBox } from "../components/problem";
import { SampleGrid } from "../components/samples";
import { State } from "../components/status";
import { Table } from "../components/table";
import { bytes, clock, count, decimal, digest, NONE, percent, plural, points, signed, small, version } from "../format";
import { useLoaded } from "../hooks";
import { Link } from "../router";

const MOST_ANCESTORS = 8;
const SAMPLES = 48;

interface Loaded {
  update: UpdateView;
  model: ModelView;
  layers: LayerMovement[] | undefined;
  rollout: UpdateRolloutView | undefined;
  lineage: UpdateView[];
}

async function load(id: string, signal: AbortSignal): Promise<Loaded> {
  const update = await get<UpdateView>(`updates/${id}`, undefined, signal);
  const [model, layers, rollout] = await Promise.all([
    get<ModelView>(`models/${update.modelDigest}`, undefined, signal),
    ifThere<LayerMovement[]>(`updates/${id}/layers`, signal),
    ifThere<UpdateRolloutView>(`update-rollouts/${id}`, signal),
  ]);
  const lineage: UpdateView[] = [];
  for (let parent = update.parent; parent && lineage.length < MOST_ANCESTORS; ) {
    const found: UpdateView | undefined = await ifThere<UpdateView>(`updates/${parent}`, signal);
    if (!found) {
      break;
    }
    lineage.push(found);
    parent = found.parent;
  }
  return { update, model, layers, rollout, lineage };
}

export function UpdatePage({ version: id }: { version: string }) {
  const loaded = useLoaded((signal) => load(id, signal), [id], {
    on: (event) => event.subject.includes(id) || event.type.startsWith("update"),
  });
  const data = loaded.data;
  return (
    <>
      <Heading title={`Update ${version(id)}`} kind={data ? `Cohort ${data.update.cohort}` : "Update"}>
        {data && (
          <Link class="button" to={{ page: "cohort", id: data.update.cohort }}>
            To {data.update.cohort}
          </Link>
        )}
      </Heading>
      <ProblemBox problem={loaded.problem} retry={loaded.reload} />
      {!data && !loaded.problem && <Waiting />}
      {data && <Shown {...data} />}
    </>
  );
}

function Shown({ update, model, layers, rollout, lineage }: Loaded) {
  return (
    <>
      <Facts
        facts={[
          { name: "Gate", value: <State of={update.verdict} />, note: clock(update.createdAt) },
          {
            name: "Canaries",
            value: rollout ? <State of={rollout.state} /> : NONE,
            note: rollout ? plural(rollout.canaries, "device") : "went to all at once, or to nobody",
          },
          { name: "Size", value: bytes(update.bytes), note: `${count(model.channels)} channels` },
          { name: "Taught by", value: plural(update.samples, "sample"), note: "since its parent" },
          { name: "Step", value: count(update.step), note: "of distillation" },
        ]}
      />
      <p class="reason">{update.reason}</p>
      <div class="columns">
        <Metrics update={update} />
        <Lineage update={update} lineage={lineage} />
      </div>
      {rollout && <Judgement rollout={rollout} />}
      <Layers layers={layers} />
      <Teaching update={update} labels={model.manifest.labels} />
    </>
  );
}

const ROWS: { name: string; after: string; before: string; kind: "share" | "nats"; better: 1 | -1 }[] = [
  {
    name: "Agreement with the adapted teacher",
    after: "candidateAgreement",
    before: "liveAgreement",
    kind: "share",
    better: 1,
  },
  {
    name: "Agreement with the frozen teacher",
    after: "candidateFrozenAgreement",
    before: "liveFrozenAgreement",
    kind: "share",
    better: 1,
  },
  { name: "Mean entropy, nats", after: "candidateEntropy", before: "liveEntropy", kind: "nats", better: -1 },
  { name: "Share of the largest class", after: "candidateTopShare", before: "liveTopShare", kind: "share", better: -1 },
];

function Metrics({ update }: { update: UpdateView }) {
  const number = (name: string) => {
    const value = update.metrics[name];
    return typeof value === "number" ? value : undefined;
  };
  const rows = ROWS.filter((r) => number(r.after) !== undefined);
  return (
    <Section
      title="Before and after"
      note={`On ${plural(number("images") ?? 0, "image")} held back from training, ${count(number("randomImages"))} drawn at random.`}
    >
      {rows.length === 0 ? (
        <Empty>
          <p>It was refused before it could be measured.</p>
        </Empty>
      ) : (
        <Table
          caption="The gate’s numbers"
          rows={rows}
          id={(r) => r.name}
          columns={[
            { name: "Measure", wide: true, cell: (r) => r.name },
            { name: "Before", number: true, cell: (r) => shown(number(r.before), r.kind) },
            { name: "After", number: true, cell: (r) => <strong>{shown(number(r.after), r.kind)}</strong> },
            {
              name: "Change",
              number: true,
              cell: (r) => {
                const change = (number(r.after) ?? NaN) - (number(r.before) ?? NaN);
                const better = change * r.better;
                return (
                  <>
                    {r.kind === "share" ? points(change) : signed(change, 3)}{" "}
                    <span class="muted">{Math.abs(better) < 1e-9 ? "same" : better > 0 ? "better" : "worse"}</span>
                  </>
                );
              },
            },
          ]}
        />
      )}
      <p class="muted small">
        {count(number("changed"))} predictions differ between both. Teacher {digest(update.teacherDigest)}.
      </p>
    </Section>
  );
}

function shown(value: number | undefined, kind: "share" | "nats"): string {
  return kind === "share" ? percent(value) : decimal(value, 3);
}

function Lineage({ update, lineage }: { update: UpdateView; lineage: UpdateView[] }) {
  const oldest = lineage[lineage.length - 1] ?? update;
  return (
    <Section title="Lineage" note="What it went on from, newest first.">
      <ol class="lineage">
        <li aria-current="true">
          <strong>{version(update.version)}</strong> <span class="muted small">this update</span>
          <ul class="muted small">
            {update.publications.map((p) => (
              <li key={`${p.epoch}.${p.revision}`}>
                revision {p.epoch}.{p.revision} on {p.channel}, {clock(p.publishedAt)}
              </li>
            ))}
            {update.publications.length === 0 && <li>never published</li>}
          </ul>
        </li>
        {lineage.map((u) => (
          <li key={u.version}>
            <Link to={{ page: "update", version: u.version }}>{version(u.version)}</Link>{" "}
            <span class="muted small">
              {clock(u.createdAt)} · {plural(u.samples, "sample")}
            </span>
          </li>
        ))}
        <li class="muted">{oldest.parent ? "and older ones" : "the registered model"}</li>
      </ol>
    </Section>
  );
}

interface Finding {
  condition?: string;
  name?: string;
  state?: string;
  reason?: string;
}

function Judgement({ rollout }: { rollout: UpdateRolloutView }) {
  const findings = Array.isArray(rollout.evidence?.["findings"]) ? (rollout.evidence["findings"] as Finding[]) : [];
  return (
    <Section
      title="Judged by canaries"
      note={`Begun ${clock(rollout.startedAt)}${rollout.decidedAt ? `, decided ${clock(rollout.decidedAt)} by ${rollout.decidedBy}` : ""}.`}
    >
      <p>{rollout.reason || "Nothing was found yet."}</p>
      <ul class="findings">
        {findings.map((f, i) => (
          <li key={i}>
            <State of={f.state ?? ""} /> <span class="muted">{f.reason}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Layers({ layers }: { layers: LayerMovement[] | undefined }) {
  const most = Math.max(...(layers ?? []).map((l) => l.scale), 1e-12);
  const mostShift = Math.max(...(layers ?? []).map((l) => l.shift), 1e-12);
  return (
    <Section
      title="Which layers moved how far"
      note="Root mean square over a layer’s channels, from the registered model; in brackets since the parent. Of several experts the largest."
    >
      {layers === undefined || layers.length === 0 ? (
        <Empty>
          <p>It carries no parameters: it was refused before it was encoded.</p>
        </Empty>
      ) : (
        <Table
          caption="Movement of the normalisation layers"
          rows={layers}
          id={(l) => l.name}
          columns={[
            { name: "Layer", cell: (l) => <code>{l.name}</code> },
            { name: "Kind", cell: (l) => l.kind.toLowerCase() },
            { name: "Channels", number: true, cell: (l) => count(l.channels) },
            { name: "Scale", wide: true, cell: (l) => <Bar value={l.scale} most={most} since={l.scaleSinceParent} /> },
            { name: "Shift", wide: true, cell: (l) => <Bar value={l.shift} most={mostShift} since={l.shiftSinceParent} /> },
          ]}
        />
      )}
    </Section>
  );
}

function Bar({ value, most, since }: { value: number; most: number; since: number }) {
  return (
    <span class="bar">
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect class="bar-track" width="100" height="8" />
        <rect class="bar-fill" width={(value / most) * 100} height="8" />
      </svg>
      <span class="bar-text">
        {small(value)} <span class="muted">({small(since)})</span>
      </span>
    </span>
  );
}

function Teaching({ update, labels }: { update: UpdateView; labels: string[] }) {
  const loaded = useLoaded(
    async (signal) => {
      const { firstOrdinal, lastOrdinal } = update;
      if (firstOrdinal == null || lastOrdinal == null) {
        return [];
      }
      const page = await get<Page<SampleView>>(
        "samples",
        { cohort: update.cohort, before: lastOrdinal + 1, limit: 200 },
        signal,
      );
      return page.items.filter(
        (s) => s.ordinal >= firstOrdinal && s.modelDigest === update.modelDigest && s.trainedStep != null,
      );
    },
    [update.version],
  );
  const samples = loaded.data;
  return (
    <Section
      title="Samples that taught it"
      note={
        samples && samples.length > 0
          ? `The newest ${count(Math.min(SAMPLES, samples.length))} of ${count(update.samples)}.`
          : undefined
      }
    >
      <ProblemBox problem={loaded.problem} retry={loaded.reload} />
      {samples && samples.length === 0 && (
        <Empty>
          <p>None is kept: it learnt from none since its parent, or they have expired or were erased.</p>
        </Empty>
      )}
      {samples && samples.length > 0 && <SampleGrid samples={samples.slice(0, SAMPLES)} labels={labels} />}
    </Section>
  );
}
