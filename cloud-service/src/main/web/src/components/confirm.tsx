import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api/types";
import { problemOf } from "../hooks";
import { ProblemBox } from "./problem";

export interface Deed {
  title: string;
  /** What will happen, to how many. */
  body: ComponentChildren;
  button: string;
  dangerous?: boolean;
  run: () => Promise<unknown>;
  done: string;
}

interface ConfirmProps {
  deed: Deed | undefined;
  close: (message?: string) => void;
}

/** Asks before a deed; stays with the problem if it fails. The browser's own dialog keeps the focus inside. */
export function Confirm({ deed, close }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>();
  useEffect(() => {
    setProblem(undefined);
    setBusy(false);
    if (deed) {
      dialog.current?.showModal();
    } else {
      dialog.current?.close();
    }
  }, [deed]);

  async function run(wanted: Deed) {
    setBusy(true);
    try {
      await wanted.run();
      close(wanted.done);
    } catch (e) {
      setProblem(problemOf(e));
      setBusy(false);
    }
  }

  return (
    <dialog
      ref={dialog}
      aria-labelledby="confirm-title"
      onCancel={(event) => {
        event.preventDefault();
        if (!busy) {
          close();
        }
      }}
    >
      {deed && (
        <form
          method="dialog"
          onSubmit={(event) => {
            event.preventDefault();
            void run(deed);
          }}
        >
          <h2 id="confirm-title">{deed.title}</h2>
          <div class="dialog-body">{deed.body}</div>
          <ProblemBox problem={problem} />
          <div class="dialog-buttons">
            <button type="button" disabled={busy} onClick={() => close()}>
              Leave it
            </button>
            <button type="submit" class={deed.dangerous ? "danger" : "primary"} disabled={busy} autofocus>
              {busy ? "Working …" : deed.button}
            </button>
          </div>
        </form>
      )}
    </dialog>
  );
}

/** A deed to be asked for, the dialog for it, and what is said afterwards. */
export function useDeed(changed: () => void) {
  const [deed, setDeed] = useState<Deed | undefined>();
  const [message, setMessage] = useState("");
  const dialog = (
    <>
      <Confirm
        deed={deed}
        close={(done) => {
          setDeed(undefined);
          if (done) {
            setMessage(done);
            changed();
          }
        }}
      />
      <p class={message ? "message" : "message hidden"} role="status">
        {message}
        {message && (
          <button type="button" class="quiet" onClick={() => setMessage("")}>
            Hide
          </button>
        )}
      </p>
    </>
  );
  return { ask: setDeed, dialog };
}
