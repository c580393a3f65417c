export type Theme = "system" | "light" | "dark";

const KEY = "cema.theme";
const ORDER: Theme[] = ["system", "light", "dark"];

/** Light or dark: as the system says, unless somebody chose. */
class ThemeChoice {
  private readonly watchers = new Set<() => void>();

  get choice(): Theme {
    const stored = localStorage.getItem(KEY) as Theme | null;
    return stored !== null && ORDER.includes(stored) ? stored : "system";
  }

  start(): void {
    this.apply();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.apply());
  }

  next(): void {
    localStorage.setItem(KEY, ORDER[(ORDER.indexOf(this.choice) + 1) % ORDER.length]!);
    this.apply();
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  private apply(): void {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    document.documentElement.dataset["theme"] = this.choice === "system" ? system : this.choice;
    this.watchers.forEach((watcher) => watcher());
  }
}

export const theme = new ThemeChoice();
