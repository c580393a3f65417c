import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface HeadingProps {
  title: string;
  kind?: string;
  children?: ComponentChildren;
}

/** The page's heading: takes the focus when one comes to the page, so that screen readers begin here. */
export function Heading({ title, kind, children }: HeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · CEMA`;
    if (document.activeElement?.tagName !== "INPUT") {
      heading.current?.focus({ preventScroll: true });
    }
    scrollTo(0, 0);
  }, [title]);
  return (
    <header class="heading">
      <div>
        {kind && <p class="kind">{kind}</p>}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
      </div>
      <div class="actions">{children}</div>
    </header>
  );
}

interface SectionProps {
  title: string;
  note?: ComponentChildren;
  tools?: ComponentChildren;
  children: ComponentChildren;
}

export function Section({ title, note, tools, children }: SectionProps) {
  const id = `s-${title.toLowerCase().replace(/[^a-z]+/g, "-")}`;
  return (
    <section class="section" aria-labelledby={id}>
      <div class="section-head">
        <h2 id={id}>{title}</h2>
        {note && <p class="muted">{note}</p>}
        {tools && <div class="tools">{tools}</div>}
      </div>
      {children}
    </section>
  );
}

export interface Fact {
  name: string;
  value: ComponentChildren;
  note?: ComponentChildren;
}

/** A strip of numbers with what they are. */
export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl class="facts">
      {facts.map((fact) => (
        <div key={fact.name}>
          <dt>{fact.name}</dt>
          <dd>{fact.value}</dd>
          {fact.note !== undefined && <dd class="note">{fact.note}</dd>}
        </div>
      ))}
    </dl>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}

export function Waiting() {
  return (
    <p class="waiting muted" role="status">
      Loading …
    </p>
  );
}
