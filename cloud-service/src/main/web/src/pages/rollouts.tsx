import { get, type Page } from "../api/client";
import type { Rollout, UpdateRolloutView } from "../api/types";
import { Empty, Heading, Section, Waiting } from "../components/layout";
import { ProblemBox } from "../components/problem";
import { State } from "../components/status";
import { Table } from "../components/table";
import { Waves } from "../components/waves";
import { ago, count, version } from "../format";
import { useLoaded, useNow } from "../hooks";
import { Link } from "../router";

const ENDED = ["SUCCEEDED", "ROLLED_BACK", "CANCELLED", "FAILED"];

interface Both {
  models: Rollout[];
  updates: UpdateRolloutView[];
}

async function load(signal: AbortSignal): Promise<Both> {
  const [models, updates] = await Promise.all([
    get<Page<Rollout>>("rollouts", { limit: 50 }, signal),
    get<Page<UpdateRolloutView>>("update-rollouts", { limit: 50 }, signal),
  ]);
  // The list has no progress; those under way have it.
  const shown = await Promise.all(
    models.items.map((r) => (ENDED.includes(r.state) ? r : get<Rollout>(`rollouts/${r.id}`, undefined, signal))),
  );
  return { models: shown, updates: updates.items };
}

export function RolloutsPage() {
  const loaded = useLoaded(load, [], { on: (e) => /^(update-)?rollout\.|^device\./.test(e.type), everyMillis: 5000 });
  const now = useNow();
  const data = loaded.data;
  return (
    <>
      <Heading title="Rollouts" />
      <ProblemBox problem={loaded.problem} retry={loaded.reload} />
      {!data && !loaded.problem && <Waiting />}
      {data && (
        <>
          <Section title="Of models" note="A cohort goes to another pair in waves, each proved no worse before the next.">
            {data.models.length === 0 ? (
              <Empty>
                <p>No model is or was rolled out.</p>
                <p>
                  <code>ops/cema rollouts create COHORT --pair PAIR --percent 10,50,100 --start</code> begins one.
                </p>
              </Empty>
            ) : (
              <ul class="cards wide-cards">
                {data.models.map((r) => (
                  <li key={r.id} class="card">
                    <div class="card-head">
                      <h3>
                        <Link to={{ page: "rollout", id: r.id }}>
                          {r.cohort}: {r.formerPair} → {r.pair}
                        </Link>
                      </h3>
                      <State of={r.state} />
                      <span class="muted small">{ago(r.createdAt, now)}</span>
                    </div>
                    <p class="small">{r.finding || r.reason}</p>
                    {r.progress && <Waves rollout={r} />}
                  </li>
                ))}
              </ul>
            )}
          </Section>
          <Section title="Of updates" note="Canaries try an update before the others get it.">
            {data.updates.length === 0 ? (
              <Empty>
                <p>No update went to canaries.</p>
                <p>
                  Section <code>canary</code> of a cohort’s policy says what share of its devices goes first. Without it,
                  updates go to all at once after the gate.
                </p>
              </Empty>
            ) : (
              <Table
                caption="Rollouts of updates"
                rows={data.updates}
                id={(u) => u.version}
                columns={[
                  { name: "Update", cell: (u) => <Link to={{ page: "update", version: u.version }}>{version(u.version)}</Link> },
                  { name: "Cohort", cell: (u) => <Link to={{ page: "cohort", id: u.cohort }}>{u.cohort}</Link> },
                  { name: "State", cell: (u) => <State of={u.state} /> },
                  { name: "Canaries", number: true, cell: (u) => count(u.canaries) },
                  { name: "Begun", cell: (u) => ago(u.startedAt, now) },
                  { name: "Decided by", cell: (u) => u.decidedBy ?? "–" },
                  { name: "Why", wide: true, cell: (u) => u.reason },
                ]}
              />
            )}
          </Section>
        </>
      )}
    </>
  );
}
