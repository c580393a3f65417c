import { useState } from "preact/hooks";
import { get, type Page } from "../api/client";
import type { AlarmView } from "../api/types";
import { AlarmTable } from "../components/alarms";
import { useDeed } from "../components/confirm";
import { Empty, Heading, Section, Waiting } from "../components/layout";
import { ProblemBox } from "../components/problem";
import { plural } from "../format";
import { useLoaded } from "../hooks";
import { session } from "../session";

const PER_PAGE = 200;

/** All alarms of the fleet: the open ones, or those of before too. */
export function AlarmsPage() {
  const [all, setAll] = useState(false);
  const loaded = useLoaded(
    (signal) =>
      get<Page<AlarmView>>(
        "alarms",
        { state: all ? "ANY" : "OPEN", sort: all ? "-raisedAt" : "severity,-raisedAt", limit: PER_PAGE },
        signal,
      ),
    [all],
    { on: (e) => e.type.startsWith("alarm."), everyMillis: 10_000 },
  );
  const deeds = useDeed(loaded.reload);
  const page = loaded.data;
  return (
    <>
      <Heading title="Alarms" />
      {deeds.dialog}
      <ProblemBox problem={loaded.problem} retry={loaded.reload} />
      {!page && !loaded.problem && <Waiting />}
      {page && (
        <Section
          title={all ? "Open and cleared" : "Open"}
          note={
            page.next == null
              ? `${plural(page.items.length, "alarm")}. They clear by themselves once it is well again.`
              : `The newest ${PER_PAGE}; \`ops/cema alarms list\` has the rest.`
          }
          tools={
            <label class="check">
              <input type="checkbox" checked={all} onChange={(e) => setAll(e.currentTarget.checked)} /> Show cleared ones
            </label>
          }
        >
          {page.items.length === 0 ? (
            <Empty>
              <p>{all ? "There was no alarm in the last 90 days." : "No alarm is open."}</p>
              <p>
                The service watches for drift, devices away, updates revoked or refused, rollouts stopped, devices set apart, and
                webhooks that fail. <code>ops/cema webhooks create URL --events alarm.</code> tells others.
              </p>
            </Empty>
          ) : (
            <AlarmTable alarms={page.items} ask={session.may("operator") ? deeds.ask : undefined} />
          )}
        </Section>
      )}
    </>
  );
}
