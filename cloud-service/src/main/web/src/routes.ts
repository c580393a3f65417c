/** Where in the page one is. */
export type Route =
  | { page: "fleet" }
  | { page: "cohort"; id: string }
  | { page: "samples"; cohort: string }
  | { page: "update"; version: string }
  | { page: "alarms" }
  | { page: "devices" }
  | { page: "device"; id: string }
  | { page: "models" }
  | { page: "rollouts" }
  | { page: "rollout"; id: string }
  | { page: "audit" }
  | { page: "unknown"; path: string };

export const ROOT = "/ui";

const PLAIN = ["alarms", "devices", "models", "rollouts", "audit"] as const;

function isPlain(name: string | undefined): name is (typeof PLAIN)[number] {
  return (PLAIN as readonly (string | undefined)[]).includes(name);
}

/** Reads a path below {@link ROOT}. */
export function routeOf(path: string): Route {
  const parts = path.slice(ROOT.length).split("/").filter(Boolean).map(decodeURIComponent);
  const [first, second, third] = parts;
  if (parts.length === 0) {
    return { page: "fleet" };
  }
  if (parts.length === 1 && isPlain(first)) {
    return { page: first };
  }
  if (second !== undefined && parts.length === 2) {
    switch (first) {
      case "cohorts":
        return { page: "cohort", id: second };
      case "devices":
        return { page: "device", id: second };
      case "updates":
        return { page: "update", version: second };
      case "rollouts":
        return { page: "rollout", id: second };
    }
  }
  if (first === "cohorts" && second !== undefined && third === "samples" && parts.length === 3) {
    return { page: "samples", cohort: second };
  }
  return { page: "unknown", path };
}

export function pathOf(route: Route): string {
  switch (route.page) {
    case "fleet":
      return `${ROOT}/`;
    case "cohort":
      return `${ROOT}/cohorts/${route.id}`;
    case "samples":
      return `${ROOT}/cohorts/${route.cohort}/samples`;
    case "device":
      return `${ROOT}/devices/${route.id}`;
    case "update":
      return `${ROOT}/updates/${route.version}`;
    case "rollout":
      return `${ROOT}/rollouts/${route.id}`;
    case "unknown":
      return route.path;
    default:
      return `${ROOT}/${route.page}`;
  }
}
