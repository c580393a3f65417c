import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { pathOf, routeOf, type Route } from "./routes";

const watchers = new Set<() => void>();

export function go(route: Route): void {
  history.pushState(null, "", pathOf(route));
  watchers.forEach((watcher) => watcher());
}

export function useRoute(): Route {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const changed = () => setPath(location.pathname);
    watchers.add(changed);
    addEventListener("popstate", changed);
    return () => {
      watchers.delete(changed);
      removeEventListener("popstate", changed);
    };
  }, []);
  return routeOf(path);
}

interface LinkProps {
  to: Route;
  children: ComponentChildren;
  class?: string;
  current?: boolean;
  title?: string;
}

/** A link that stays in the page; with a modifier key it opens as any other. */
export function Link({ to, children, current, ...rest }: LinkProps) {
  return (
    <a
      {...rest}
      href={pathOf(to)}
      aria-current={current ? "page" : undefined}
      onClick={(event) => {
        if (event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey) {
          event.preventDefault();
          go(to);
        }
      }}
    >
      {children}
    </a>
  );
}
