import { useEffect, useState } from "preact/hooks";
import { image } from "../api/client";
import type { SampleView } from "../api/types";
import { className, clock, decimal, plural, version } from "../format";
import { problemOf } from "../hooks";
import { session } from "../session";
import { Status } from "./status";

interface SampleGridProps {
  samples: SampleView[];
  labels: string[] | undefined;
}

/** Uploads with what the edge and the teacher saw. Images come only when asked for: each look is in the audit log. */
export function SampleGrid({ samples, labels }: SampleGridProps) {
  const [looking, setLooking] = useState(false);
  return (
    <>
      {!looking && (
        <div class="ask">
          {session.may("operator") ? (
            <>
              <button type="button" onClick={() => setLooking(true)}>
                Show {plural(samples.length, "image")}
              </button>
              <span class="muted">Each look at an image is entered in the audit log, with your name.</span>
            </>
          ) : (
            <span class="muted">Images are for operators; your token has the role {session.identity().role}.</span>
          )}
        </div>
      )}
      <ul class="samples">
        {samples.map((s) => (
          <li key={s.sampleId} class="sample">
            {looking ? <Thumbnail sample={s} /> : <div class="thumb hidden-image" aria-hidden="true" />}
            <Labels sample={s} labels={labels} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Labels({ sample, labels }: { sample: SampleView; labels: string[] | undefined }) {
  const agrees = sample.teacherClass === sample.predictedClass;
  return (
    <div class="labels">
      <p>
        <span class="muted">edge</span> {className(labels, sample.predictedClass)}
      </p>
      <p>
        <span class="muted">teacher</span>{" "}
        {sample.teacherClass === undefined || sample.teacherClass === null ? (
          <span class="muted">has not looked</span>
        ) : (
          <Status tone={agrees ? "good" : "bad"}>
            {agrees ? "the same" : className(labels, sample.teacherClass)}
          </Status>
        )}
      </p>
      <p class="muted small" title={`${sample.device}, ${clock(sample.receivedAt)}, under ${version(sample.updateVersion)}`}>
        {decimal(sample.entropy)} nats · {sample.device} · {sample.reason.toLowerCase()}
        {sample.heldBack && " · held back"}
      </p>
    </div>
  );
}

function Thumbnail({ sample }: { sample: SampleView }) {
  const [source, setSource] = useState<string | undefined>();
  const [failed, setFailed] = useState("");
  useEffect(() => {
    const own = new AbortController();
    let address: string | undefined;
    image(`samples/${sample.device}/${sample.sampleId}/image`, own.signal)
      .then((made) => {
        address = made;
        setSource(made);
      })
      .catch((e: unknown) => {
        if (!own.signal.aborted) {
          setFailed(problemOf(e).detail);
        }
      });
    return () => {
      own.abort();
      if (address) {
        URL.revokeObjectURL(address);
      }
    };
  }, [sample.device, sample.sampleId]);
  if (failed) {
    return (
      <div class="thumb" title={failed}>
        <span class="muted small">gone</span>
      </div>
    );
  }
  return (
    <div class="thumb">
      {source && <img src={source} width={96} height={96} alt={`Upload of ${sample.device}, ${clock(sample.receivedAt)}`} />}
    </div>
  );
}
