// Bundles the page into dist/, names by content, and lists what there is: the service serves what files.txt names.
// `node build.mjs test` bundles the unit tests into out/test/ instead.
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { build } from "esbuild";

const common = {
  bundle: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
};

if (process.argv[2] === "test") {
  const tests = (await readdir("test")).filter((name) => name.endsWith(".test.ts")).map((name) => `test/${name}`);
  await build({ ...common, entryPoints: tests, outdir: "out/test", platform: "node", outExtension: { ".js": ".mjs" } });
  process.exit(0);
}

await rm("dist", { recursive: true, force: true });
const result = await build({
  ...common,
  entryPoints: { app: "src/main.tsx", icon: "src/icon.svg" },
  outdir: "dist/assets",
  entryNames: "[name]-[hash]",
  loader: { ".svg": "copy" },
  minify: true,
  metafile: true,
  legalComments: "none",
});

const made = Object.keys(result.metafile.outputs).map((path) => basename(path));
const named = (start, end) => {
  const found = made.find((name) => name.startsWith(start) && name.endsWith(end));
  if (!found) throw new Error(`the bundle has no ${start}*${end}`);
  return found;
};
const index = (await readFile("src/index.html", "utf8"))
  .replace("{{script}}", `/ui/assets/${named("app-", ".js")}`)
  .replace("{{style}}", `/ui/assets/${named("app-", ".css")}`)
  .replace("{{icon}}", `/ui/assets/${named("icon-", ".svg")}`);
await writeFile("dist/index.html", index);

// Licences ask to be passed on with the code.
let licences = "";
for (const name of ["preact", "uplot"]) {
  const { version } = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8"));
  licences += `${name} ${version}\n\n${await readFile(`node_modules/${name}/LICENSE`, "utf8")}\n\n`;
}
await mkdir("dist/assets", { recursive: true });
await writeFile("dist/assets/licences.txt", licences);

const files = ["index.html", "assets/licences.txt", ...made.map((name) => `assets/${name}`)].sort();
await writeFile("dist/files.txt", files.map((name) => `${name}\n`).join(""));
