import { useEffect, useState } from "preact/hooks";
import { ProblemBox } from "../components/problem";
import type { Problem } from "../api/types";
import { session } from "../session";

/** Takes a token and tries it. Where the service asks for none, it is found out and nobody is asked. */
export function SignIn() {
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<Problem | undefined>();
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    document.title = "Sign in · CEMA";
    if (!session.ended) {
      void fetch("/api/v1/cohorts?limit=1", { cache: "no-store" })
        .then((answer) => answer.ok && session.beginOpen())
        .catch(() => undefined);
    }
  }, []);

  async function signIn() {
    setBusy(true);
    setProblem(undefined);
    const tried = token.trim();
    try {
      const answer = await fetch("/api/v1/cohorts?limit=1", {
        headers: { Authorization: `Bearer ${tried}` },
        cache: "no-store",
      });
      if (answer.ok) {
        session.begin(tried);
        return;
      }
      setProblem((await answer.json()) as Problem);
    } catch {
      setProblem({
        type: "urn:cema:problem:unreachable",
        title: "The service cannot be reached, or this is no token",
        status: 0,
        detail: "check that the service runs and that the whole token was pasted",
        instance: "",
      });
    }
    setBusy(false);
  }

  return (
    <main class="sign-in">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        <p class="brand">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="7" />
            <path d="M7 20c3 0 3-8 6-8s3 8 6 8 3-8 6-8" />
            <circle cx="25" cy="12" r="2.6" />
          </svg>
          CEMA
        </p>
        <h1>Sign in</h1>
        {session.ended && (
          <p class="message" role="status">
            You were signed out: {session.ended}
          </p>
        )}
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          required
          autofocus
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <ProblemBox problem={problem} />
        <button type="submit" class="primary" disabled={busy || token.trim() === ""}>
          {busy ? "Trying …" : "Sign in"}
        </button>
        <div class="muted small">
          <p>
            The first admin’s token stands in <code>access/first-admin.token</code> below the service’s data folder. Others
            get theirs from an admin: <code>ops/cema tokens create</code>.
          </p>
          <p>It is kept in this tab alone and is gone when you close it.</p>
        </div>
      </form>
    </main>
  );
}
