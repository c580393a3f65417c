import { call, get, type Page } from "../api/client";
import type { Rollout, RolloutDevice } from "../api/types";
import { useDeed } from "../components/confirm";
import { Facts, Heading, Section, Waiting } from "../components/layout";
import { ProblemBox } from "../components/problem";
import { State } from "../components/status";
import { Table } from "../components/table";
import { Waves } from "../components/waves";
import { ago, clock, NONE, plural } from "../format";
import { useLoaded, useNow } from "../hooks";
import { Link } from "../router";
import { session } from "../session";

const DEEDS = {
  start: { from: ["DRAFT"], name: "Start", body: "Its first wave gets the model now.", dangerous: false },
  pause: { from: ["RUNNING"], name: "Pause", body: "No further device gets the model until you resume.", dangerous: false },
  resume: { from: ["PAUSED"], name: "Resume", body: "The wave goes on where it stood.", dangerous: false },
  cancel: {
    from: ["DRAFT", "RUNNING", "PAUSED"],
    name: "Cancel",
    body: "All devices that got the model go back to their former one.",
    dangerous: true,
  },
};

/** One rollout of a model, live. */
export function RolloutPage({ id }: { id: string }) {
  const loaded = useLoaded(
    async (signal) => {
      const [answer, devices] = await Promise.all([
        call<Rollout>("GET", `rollouts/${id}`, { signal }),
        get<Page<RolloutDevice>>(`rollouts/${id}/devices`, { limit: 200 }, signal),
      ]);
      return { rollout: answer.body, etag: answer.etag, devices };
    },
    [id],
    { on: (e) => e.subject.includes(id) || e.type.startsWith("device."), everyMillis: 5000 },
  );
  const deeds = useDeed(loaded.reload);
  const now = useNow();
  const data = loaded.data;
  return (
    <>
      <Heading title={data ? `${data.rollout.formerPair} → ${data.rollout.pair}` : "Rollout"} kind="Rollout of a model">
        {data &&
          session.may("operator") &&
          Object.entries(DEEDS)
            .filter(([, deed]) => deed.from.includes(data.rollout.state))
            .map(([verb, deed]) => (
              <button
                key={verb}
                type="button"
                class={deed.dangerous ? "danger" : undefined}
                onClick={() =>
                  deeds.ask({
                    title: `${deed.name} this rollout?`,
                    body: <p>{deed.body}</p>,
                    button: deed.name,
                    dangerous: deed.dangerous,
                    run: () => call("POST", `rollouts/${id}/${verb}`, { etag: data.etag }),
                    done: `${deed.name}: done.`,
                  })
                }
              >
                {deed.name}
              </button>
            ))}
      </Heading>
      {deeds.dialog}
      <ProblemBox problem={loaded.problem} retry={loaded.reload} />
      {!data && !loaded.problem && <Waiting />}
      {data && (
        <>
          <Facts
            facts={[
              { name: "State", value: <State of={data.rollout.state} />, note: data.rollout.reason },
              {
                name: "Cohort",
                value: <Link to={{ page: "cohort", id: data.rollout.cohort }}>{data.rollout.cohort}</Link>,
              },
              { name: "Begun", value: data.rollout.startedAt ? ago(data.rollout.startedAt, now) : NONE },
              { name: "Wave ends undecided", value: clock(data.rollout.waveDeadline), note: "then it rolls back" },
            ]}
          />
          {data.rollout.finding && <p class="reason">{data.rollout.finding}</p>}
          <Section title="Waves">
            <Waves rollout={data.rollout} />
          </Section>
          <Section title="Devices" note={plural(data.devices.items.length, "device")}>
            <Table
              caption="Devices of the rollout"
              rows={data.devices.items}
              id={(d) => d.device}
              columns={[
                { name: "Device", cell: (d) => <Link to={{ page: "device", id: d.device }}>{d.device}</Link> },
                { name: "Wave", number: true, cell: (d) => d.wave + 1 },
                { name: "State", cell: (d) => <State of={d.state} /> },
                { name: "Uses the model", cell: (d) => (d.reportsModel ? "yes" : "no") },
                { name: "Since", cell: (d) => ago(d.stateAt, now) },
                { name: "Why", wide: true, cell: (d) => d.reason },
              ]}
            />
          </Section>
        </>
      )}
    </>
  );
}
