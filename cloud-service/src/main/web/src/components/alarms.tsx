import { call } from "../api/client";
import type { AlarmView } from "../api/types";
import { ago, clock } from "../format";
import { alarmName, alarmTone } from "../health";
import { useNow } from "../hooks";
import { Link } from "../router";
import type { Deed } from "./confirm";
import { Section } from "./layout";
import { Status } from "./status";
import { Table } from "./table";

interface AlarmsProps {
  alarms: AlarmView[];
  note: string;
  /** Absent: who looks may not do anything. */
  ask: ((deed: Deed) => void) | undefined;
}

/** Open alarms, and who looks after them; nothing where there is none. */
export function Alarms({ alarms, note, ask }: AlarmsProps) {
  if (alarms.length === 0) {
    return null;
  }
  return (
    <Section title="Alarms" note={note}>
      <AlarmTable alarms={alarms} ask={ask} />
    </Section>
  );
}

export function AlarmTable({ alarms, ask }: Pick<AlarmsProps, "alarms" | "ask">) {
  const now = useNow();
  return (
    <Table
      caption="Alarms and who looks after them"
      rows={alarms}
      id={(a) => a.id}
      columns={[
        { name: "Alarm", cell: (a) => <Status tone={alarmTone(a)}>{alarmName(a)}</Status> },
        { name: "About", cell: (a) => <About alarm={a} /> },
        { name: "Since", cell: (a) => <time title={clock(a.raisedAt)}>{ago(a.raisedAt, now)}</time> },
        { name: "What", wide: true, cell: (a) => a.message },
        { name: "Looked after", cell: (a) => <LookedAfter alarm={a} /> },
        ...(ask
          ? [
              {
                name: "Do",
                deeds: true,
                cell: (a: AlarmView) =>
                  a.state !== "CLEARED" && (
                    <span class="row-buttons">
                      {a.state === "RAISED" && (
                        <button
                          type="button"
                          class="small-button"
                          aria-label={`Acknowledge ${alarmName(a)} of ${a.device ?? a.cohort ?? a.subject}`}
                          onClick={() => ask(acknowledgement(a))}
                        >
                          Acknowledge
                        </button>
                      )}
                      <button
                        type="button"
                        class="small-button"
                        aria-label={`Clear ${alarmName(a)} of ${a.device ?? a.cohort ?? a.subject}`}
                        onClick={() => ask(clearance(a))}
                      >
                        Clear
                      </button>
                    </span>
                  ),
              },
            ]
          : []),
      ]}
    />
  );
}

function About({ alarm }: { alarm: AlarmView }) {
  const { device, cohort } = alarm;
  return (
    <>
      {device && <Link to={{ page: "device", id: device }}>{device}</Link>}
      {device && cohort && <span class="muted"> in </span>}
      {cohort && <Link to={{ page: "cohort", id: cohort }}>{cohort}</Link>}
      {!device && !cohort && alarm.subject}
    </>
  );
}

function LookedAfter({ alarm }: { alarm: AlarmView }) {
  if (alarm.state === "CLEARED") {
    return (
      <span class="muted">
        cleared {clock(alarm.clearedAt)}
        {alarm.clearedBy && alarm.clearedBy !== "service" && ` by ${alarm.clearedBy}`}
      </span>
    );
  }
  return alarm.acknowledgedBy ? <>by {alarm.acknowledgedBy}</> : <span class="muted">by nobody</span>;
}

function acknowledgement(alarm: AlarmView): Deed {
  return {
    title: `Look after this alarm?`,
    body: <p>{alarm.message}. Others see that you do. It clears by itself once it is well again.</p>,
    button: "Acknowledge",
    run: () => call("POST", `alarms/${alarm.id}/acknowledge`),
    done: "You look after the alarm.",
  };
}

function clearance(alarm: AlarmView): Deed {
  return {
    title: `Clear this alarm?`,
    body: (
      <p>
        {alarm.message}.
        {alarm.type === "DRIFT" && " What is now counts as usual from then on, and is learnt anew."}
      </p>
    ),
    button: "Clear",
    run: () => call("POST", `alarms/${alarm.id}/clear`),
    done: "The alarm is cleared.",
  };
}
