/** Who is signed in. */
export interface Identity {
  subject: string;
  /** monitor, viewer, operator or admin; empty if the token does not say, then the service decides alone. */
  role: string;
  expiry?: Date;
}

const KEY = "cema.token";
const RANKS = ["monitor", "viewer", "operator", "admin"];

/**
 * The bearer token, in this tab's session storage and nowhere else: gone with the tab. The one door for other ways to get
 * a token, such as the redirect of an OIDC provider: they end in {@link Session.begin}.
 */
class Session {
  /** Why the last one ended, for the sign-in page. */
  ended = "";
  /** True where the service asks nobody for a token (`cema.access.mode=open`). */
  open = false;
  private readonly watchers = new Set<() => void>();

  get token(): string | null {
    return sessionStorage.getItem(KEY);
  }

  get signedIn(): boolean {
    return this.open || this.token !== null;
  }

  begin(token: string): void {
    sessionStorage.setItem(KEY, token);
    this.ended = "";
    this.tell();
  }

  beginOpen(): void {
    this.open = true;
    this.tell();
  }

  end(reason = ""): void {
    if (this.token !== null || this.open) {
      sessionStorage.removeItem(KEY);
      this.open = false;
      this.ended = reason;
      this.tell();
    }
  }

  headers(): Headers {
    const token = this.token;
    return new Headers(token === null ? {} : { Authorization: `Bearer ${token}` });
  }

  identity(): Identity {
    return this.open ? { subject: "everybody", role: "admin" } : identityOf(this.token ?? "");
  }

  /** What buttons are for; the service decides. */
  may(role: string): boolean {
    const own = this.identity().role;
    return own === "" || RANKS.indexOf(own) >= RANKS.indexOf(role);
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  private tell(): void {
    this.watchers.forEach((watcher) => watcher());
  }
}

/** Reads what a token says of itself, to be shown; nothing is decided by it. */
export function identityOf(token: string): Identity {
  try {
    const payload = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(payload), (c) => c.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const roles = Array.isArray(claims["roles"]) ? claims["roles"].map(String) : [];
    const role = RANKS.filter((r) => roles.includes(r)).pop() ?? "";
    return {
      subject: String(claims["sub"] ?? ""),
      role,
      expiry: typeof claims["exp"] === "number" ? new Date(claims["exp"] * 1000) : undefined,
    };
  } catch {
    return { subject: "", role: "" };
  }
}

export const session = new Session();
