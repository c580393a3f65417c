import { useState } from "preact/hooks";
import { get, type Page } from "../api/client";
import type { ModelView, SampleView } from "../api/types";
import { Empty, Heading, Section, Waiting } from "../components/layout";
import { ProblemBox } from "../components/problem";
import { SampleGrid } from "../components/samples";
import { plural } from "../format";
import { useLoaded } from "../hooks";
import { Link } from "../router";

const PER_PAGE = 48;

/** The newest uploads of a cohort, and on to older ones. */
export function SamplesPage({ cohort }: { cohort: string }) {
  const [before, setBefore] = useState<number[]>([]);
  const from = before[before.length - 1];
  const loaded = useLoaded(
    async (signal) => {
      const page = await get<Page<SampleView>>("samples", { cohort, before: from, limit: PER_PAGE }, signal);
      const digest = page.items[0]?.modelDigest;
      const model = digest ? await get<ModelView>(`models/${digest}`, undefined, signal) : undefined;
      return { page, labels: model?.manifest.labels };
    },
    [cohort, from],
  );
  const data = loaded.data;
  return (
    <>
      <Heading title={`Uploads of ${cohort}`} kind="Cohort">
        <Link class="button" to={{ page: "cohort", id: cohort }}>
          Back to {cohort}
        </Link>
      </Heading>
      <ProblemBox problem={loaded.problem} retry={loaded.reload} />
      {!data && !loaded.problem && <Waiting />}
      {data && data.page.items.length === 0 && (
        <Empty>
          <p>Nothing was uploaded.</p>
          <p>Devices upload what they are unsure of. Look whether they are online, and what their policy lets up.</p>
        </Empty>
      )}
      {data && data.page.items.length > 0 && (
        <Section title="Newest first" note={plural(data.page.items.length, "upload")}>
          <SampleGrid key={from ?? 0} samples={data.page.items} labels={data.labels} />
          <div class="pager">
            <button type="button" disabled={before.length === 0} onClick={() => setBefore(before.slice(0, -1))}>
              Newer
            </button>
            <button
              type="button"
              disabled={data.page.next == null}
              onClick={() => data.page.next != null && setBefore([...before, data.page.next])}
            >
              Older
            </button>
          </div>
        </Section>
      )}
    </>
  );
}
