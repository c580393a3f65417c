import { get, type Page } from "../api/client";
import type { CompressionJob, ModelPair, ModelView, Stage } from "../api/types";
import { Empty, Heading, Section, Waiting } from "../components/layout";
import { ProblemBox } from "../components/problem";
import { State } from "../components/status";
import { Table } from "../components/table";
import { bytes, clock, count, decimal, digest, duration, percent, plural } from "../format";
import { useLoaded } from "../hooks";

interface Models {
  models: ModelView[];
  pairs: ModelPair[];
  compressions: CompressionJob[];
}

async function load(signal: AbortSignal): Promise<Models> {
  const [models, pairs, compressions] = await Promise.all([
    get<Page<ModelView>>("models", { limit: 200 }, signal),
    get<Page<ModelPair>>("pairs", { limit: 200 }, signal),
    get<Page<CompressionJob>>("compressions", { limit: 50 }, signal),
  ]);
  return { models: models.items, pairs: pairs.items, compressions: compressions.items };
}

export function ModelsPage() {
  const loaded = useLoaded(load, [], { everyMillis: 5000 });
  const data = loaded.data;
  return (
    <>
      <Heading title="Models" />
      <ProblemBox problem={loaded.problem} retry={loaded.reload} />
      {!data && !loaded.problem && <Waiting />}
      {data && (
        <>
          <Registered {...data} />
          <Pairs {...data} />
          <Compressions jobs={data.compressions} models={data.models} />
        </>
      )}
    </>
  );
}

function Registered({ models }: Models) {
  return (
    <Section title="Registered" note={plural(models.length, "model")}>
      {models.length === 0 ? (
        <Empty>
          <p>No model is registered.</p>
          <p>
            <code>ops/cema models create FILE.onnx --name NAME --mean R,G,B --std R,G,B</code> registers one.
          </p>
        </Empty>
      ) : (
        <Table
          caption="Registered models"
          rows={models}
          id={(m) => m.digest}
          columns={[
            { name: "Name", cell: (m) => <strong>{m.name}</strong> },
            { name: "Digest", cell: (m) => <code title={m.digest}>{digest(m.digest)}</code> },
            { name: "Input", number: true, cell: (m) => `${m.manifest.width} × ${m.manifest.height}` },
            { name: "Classes", number: true, cell: (m) => count(m.manifest.classes) },
            { name: "Layers adapted", number: true, cell: (m) => count(m.manifest.layers.length) },
            { name: "Channels", number: true, cell: (m) => count(m.channels) },
            { name: "Size", number: true, cell: (m) => bytes(m.manifest.size) },
            { name: "Registered", cell: (m) => clock(m.createdAt) },
          ]}
        />
      )}
    </Section>
  );
}

function Pairs({ pairs, models }: Models) {
  const name = (sha256: string) => models.find((m) => m.digest === sha256)?.name ?? digest(sha256);
  return (
    <Section title="Pairs" note="Which foundation model teaches which edge model.">
      {pairs.length === 0 ? (
        <Empty>
          <p>No pair yet: a cohort needs one.</p>
        </Empty>
      ) : (
        <Table
          caption="Pairs of models"
          rows={pairs}
          id={(p) => p.id}
          columns={[
            { name: "Pair", cell: (p) => <strong>{p.id}</strong> },
            { name: "Edge", cell: (p) => name(p.edge) },
            { name: "Foundation", cell: (p) => name(p.foundation) },
          ]}
        />
      )}
    </Section>
  );
}

function Compressions({ jobs, models }: { jobs: CompressionJob[]; models: ModelView[] }) {
  const name = (sha256: string) => models.find((m) => m.digest === sha256)?.name ?? digest(sha256);
  return (
    <Section title="Compressions" note="2:4 sparse and INT8, with what each stage kept.">
      {jobs.length === 0 ? (
        <Empty>
          <p>No model was compressed here.</p>
          <p>
            <code>POST /api/v1/compressions</code> begins one: it runs in the service and shows its progress here.{" "}
            <code>ops/cema compress</code> does the same without a service.
          </p>
        </Empty>
      ) : (
        jobs.map((job) => (
          <article key={job.id} class="card job">
            <div class="card-head">
              <h3>{job.name}</h3>
              <State of={job.status} />
              <span class="muted small">
                from {name(job.model)} · {clock(job.createdAt)}
                {job.report?.seconds ? ` · ${duration(job.report.seconds)}` : ""}
              </span>
            </div>
            {job.status === "RUNNING" && (
              <label class="progress-line">
                {job.stage.toLowerCase().replace(/_/g, " ")}
                <progress max={1} value={job.progress} /> {percent(job.progress, 0)}
              </label>
            )}
            {job.problem && <p>{job.problem}</p>}
            {job.report?.stages?.length > 0 && <Stages stages={job.report.stages} name={job.name} />}
            {job.report?.warnings?.map((w) => (
              <p key={w} class="small">
                Note: {w}
              </p>
            ))}
          </article>
        ))
      )}
    </Section>
  );
}

function Stages({ stages, name }: { stages: Stage[]; name: string }) {
  return (
    <Table
      caption={`Stages of ${name}`}
      rows={stages}
      id={(s) => s.stage}
      columns={[
        { name: "Stage", cell: (s) => s.stage },
        { name: "Accuracy", number: true, cell: (s) => percent(s.accuracy) },
        { name: "Agreement", number: true, cell: (s) => percent(s.agreement) },
        { name: "Weights", number: true, cell: (s) => bytes(s.bytes) },
        { name: "File", number: true, cell: (s) => bytes(s.file_bytes) },
        { name: "Images / s", number: true, cell: (s) => decimal(s.images_per_second, 0) },
      ]}
    />
  );
}
