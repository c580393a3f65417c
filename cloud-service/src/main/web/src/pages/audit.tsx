import { useState } from "preact/hooks";
import { get, type Page } from "../api/client";
import type { AuditEntry } from "../api/types";
import { Empty, Heading, Section, Waiting } from "../components/layout";
import { ProblemBox } from "../components/problem";
import { Status, type Tone } from "../components/status";
import { Table } from "../components/table";
import { clock } from "../format";
import { useLoaded } from "../hooks";

const OUTCOMES: Record<string, Tone> = { DONE: "good", REFUSED: "warn", FAILED: "bad", UNKNOWN: "none" };

export function AuditPage() {
  const [who, setWho] = useState("");
  const [resource, setResource] = useState("");
  const [asked, setAsked] = useState({ who: "", resource: "" });
  const [before, setBefore] = useState<number[]>([]);
  const from = before[before.length - 1];
  const loaded = useLoaded(
    (signal) => get<Page<AuditEntry>>("audit", { ...asked, before: from, limit: 100 }, signal),
    [asked, from],
    from === undefined ? { everyMillis: 10_000 } : {},
  );
  const page = loaded.data;
  return (
    <>
      <Heading title="Audit" />
      <form
        class="filter"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          setBefore([]);
          setAsked({ who: who.trim(), resource: resource.trim() });
        }}
      >
        <label>
          Who <input value={who} placeholder="first-admin" onInput={(e) => setWho(e.currentTarget.value)} />
        </label>
        <label>
          Resource begins with{" "}
          <input value={resource} placeholder="/api/v1/cohorts" onInput={(e) => setResource(e.currentTarget.value)} />
        </label>
        <button type="submit">Filter</button>
      </form>
      <ProblemBox problem={loaded.problem} retry={loaded.reload} />
      {!page && !loaded.problem && <Waiting />}
      {page && (
        <Section title="Who did what" note="Every change, every refusal, and every look at an image; newest first.">
          {page.items.length === 0 ? (
            <Empty>
              <p>Nothing fits. Empty both fields to see all.</p>
            </Empty>
          ) : (
            <Table
              caption="Audit log"
              rows={page.items}
              id={(e) => String(e.id)}
              columns={[
                { name: "When", cell: (e) => <time dateTime={e.at}>{clock(e.at)}</time> },
                { name: "Who", cell: (e) => <strong>{e.who}</strong> },
                { name: "Did", cell: (e) => e.operation },
                { name: "What", wide: true, cell: (e) => <code>{e.resource}</code> },
                {
                  name: "Outcome",
                  cell: (e) => (
                    <Status tone={OUTCOMES[e.outcome] ?? "none"}>
                      {e.outcome.toLowerCase()}
                      {e.status != null && <span class="muted"> {e.status}</span>}
                    </Status>
                  ),
                },
                { name: "From", cell: (e) => e.address },
              ]}
            />
          )}
          <div class="pager">
            <button type="button" disabled={before.length === 0} onClick={() => setBefore(before.slice(0, -1))}>
              Newer
            </button>
            <button
              type="button"
              disabled={page.next == null}
              onClick={() => page.next != null && setBefore([...before, page.next])}
            >
              Older
            </button>
          </div>
        </Section>
      )}
    </>
  );
}
