import { call } from "../api/client";
import type { AlarmView } from "../api/types";
import { ago, clock } from "../format";
import { alarmTone } from "../health";
import { useNow } from "../hooks";
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

const TYPES: Record<string, string> = {
  DRIFT: "drift",
  DEVICES_AWAY: "devices away",
  UPDATE_REVOKED: "update revoked",
  UPDATES_REFUSED: "updates refused",
  ROLLOUT_STOPPED: "rollout stopped",
  DEVICE_QUARANTINED: "device set apart",
  WEBHOOK_FAILING: "webhook fails",
};

/** Open alarms, and who looks after them; nothing where there is none. */
export function Alarms({ alarms, note, ask }: AlarmsProps) {
  const now = useNow();
  if (alarms.length === 0) {
    return null;
  }
  return (
    <Section title="Alarms" note={note}>
      <Table
        caption="Open alarms"
        rows={alarms}
        id={(a) => a.id}
        columns={[
          { name: "Alarm", cell: (a) => <Status tone={alarmTone(a)}>{nameOf(a)}</Status> },
          { name: "About", cell: (a) => a.device ?? a.cohort ?? a.subject },
          { name: "Since", cell: (a) => <time title={clock(a.raisedAt)}>{ago(a.raisedAt, now)}</time> },
          { name: "What", wide: true, cell: (a) => a.message },
          {
            name: "Looked after",
            cell: (a) => (a.acknowledgedBy ? `by ${a.acknowledgedBy}` : <span class="muted">by nobody</span>),
          },
          ...(ask
            ? [
                {
                  name: "Do",
                  cell: (a: AlarmView) => (
                    <span class="row-buttons">
                      {a.state === "RAISED" && (
                        <button
                          type="button"
                          class="small-button"
                          aria-label={`Acknowledge ${nameOf(a)} of ${a.device ?? a.cohort ?? a.subject}`}
                          onClick={() => ask(acknowledgement(a))}
                        >
                          Acknowledge
                        </button>
                      )}
                      <button
                        type="button"
                        class="small-button"
                        aria-label={`Clear ${nameOf(a)} of ${a.device ?? a.cohort ?? a.subject}`}
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
    </Section>
  );
}

function nameOf(alarm: AlarmView): string {
  const name = TYPES[alarm.type] ?? alarm.type.toLowerCase().replace(/_/g, " ");
  return alarm.signal ? `${name}: ${alarm.signal.toLowerCase()}` : name;
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
