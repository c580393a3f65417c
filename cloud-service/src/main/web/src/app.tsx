import { useEffect } from "preact/hooks";
import { live } from "./api/live";
import { Shape, type Tone } from "./components/status";
import { useWatched } from "./hooks";
import { AlarmsPage } from "./pages/alarms";
import { AuditPage } from "./pages/audit";
import { CohortPage } from "./pages/cohort";
import { DevicePage } from "./pages/device";
import { DevicesPage } from "./pages/devices";
import { FleetPage } from "./pages/fleet";
import { ModelsPage } from "./pages/models";
import { RolloutPage } from "./pages/rollout";
import { RolloutsPage } from "./pages/rollouts";
import { SamplesPage } from "./pages/samples";
import { SignIn } from "./pages/sign-in";
import { UpdatePage } from "./pages/update";
import { Empty, Heading } from "./components/layout";
import { Link, useRoute } from "./router";
import type { Route } from "./routes";
import { session } from "./session";
import { theme } from "./theme";

export function App() {
  useWatched((watcher) => session.watch(watcher));
  const signedIn = session.signedIn;
  useEffect(() => {
    if (signedIn) {
      live.start();
      return () => live.stop();
    }
    return undefined;
  }, [signedIn]);
  return signedIn ? <Shell /> : <SignIn />;
}

const SECTIONS: { route: Route; name: string; pages: Route["page"][]; role?: string }[] = [
  { route: { page: "fleet" }, name: "Fleet", pages: ["fleet", "cohort", "samples", "update"] },
  { route: { page: "alarms" }, name: "Alarms", pages: ["alarms"] },
  { route: { page: "devices" }, name: "Devices", pages: ["devices", "device"] },
  { route: { page: "rollouts" }, name: "Rollouts", pages: ["rollouts", "rollout"] },
  { route: { page: "models" }, name: "Models", pages: ["models"] },
  { route: { page: "audit" }, name: "Audit", pages: ["audit"], role: "admin" },
];

function Shell() {
  const route = useRoute();
  return (
    <div class="shell">
      <a class="skip" href="#content">
        Skip to content
      </a>
      <nav class="side" aria-label="Sections">
        <p class="brand">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="7" />
            <path d="M7 20c3 0 3-8 6-8s3 8 6 8 3-8 6-8" />
            <circle cx="25" cy="12" r="2.6" />
          </svg>
          CEMA
        </p>
        <ul>
          {SECTIONS.filter((s) => s.role === undefined || session.may(s.role)).map((s) => (
            <li key={s.name}>
              <Link to={s.route} current={s.pages.includes(route.page)}>
                {s.name}
              </Link>
            </li>
          ))}
        </ul>
        <Foot />
      </nav>
      <main id="content">
        <Page route={route} />
      </main>
    </div>
  );
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case "fleet":
      return <FleetPage />;
    case "cohort":
      return <CohortPage id={route.id} key={route.id} />;
    case "samples":
      return <SamplesPage cohort={route.cohort} key={route.cohort} />;
    case "update":
      return <UpdatePage version={route.version} key={route.version} />;
    case "alarms":
      return <AlarmsPage />;
    case "devices":
      return <DevicesPage />;
    case "device":
      return <DevicePage id={route.id} key={route.id} />;
    case "models":
      return <ModelsPage />;
    case "rollouts":
      return <RolloutsPage />;
    case "rollout":
      return <RolloutPage id={route.id} key={route.id} />;
    case "audit":
      return <AuditPage />;
    default:
      return (
        <>
          <Heading title="Nothing here" />
          <Empty>
            <p>
              The page has no place {route.path}. <Link to={{ page: "fleet" }}>Go to the fleet</Link>
            </p>
          </Empty>
        </>
      );
  }
}

const LIVE: Record<typeof live.state, [Tone, string]> = {
  live: ["good", "Live"],
  connecting: ["none", "Connecting"],
  away: ["bad", "Not live: trying again"],
};

function Foot() {
  useWatched((watcher) => live.watchState(watcher));
  useWatched((watcher) => theme.watch(watcher));
  const [tone, text] = LIVE[live.state];
  const who = session.identity();
  return (
    <div class="foot">
      <p role="status" class="live">
        <Shape tone={tone} /> {text}
      </p>
      <button type="button" class="quiet" onClick={() => theme.next()} aria-label={`Colours: ${theme.choice}. Change`}>
        Colours: {theme.choice}
      </button>
      <p class="who">
        <span title={who.expiry ? `Token holds until ${who.expiry.toLocaleString("en-GB")}` : undefined}>
          {who.subject || "signed in"}
        </span>
        {who.role && <span class="role">{who.role}</span>}
      </p>
      {!session.open && (
        <button type="button" class="quiet" onClick={() => session.end()}>
          Sign out
        </button>
      )}
    </div>
  );
}

