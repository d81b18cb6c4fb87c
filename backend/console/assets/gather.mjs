// Gathers what the pages need in the browser into ../static: our own files, and those of packages.
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "node_modules");
const made = join(here, "..", "static.new");
const place = join(here, "..", "static");

const OF_PACKAGES = {
  "htmx.min.js": "htmx.org/dist/htmx.min.js",
  "sse.min.js": "htmx-ext-sse/dist/sse.min.js",
};

rmSync(made, { recursive: true, force: true });
mkdirSync(made);
for (const [name, source] of Object.entries(OF_PACKAGES)) cpSync(join(packages, source), join(made, name), { recursive: true });
for (const name of readdirSync(here)) {
  if (/\.(css|js|svg)$/.test(name) || name === "icons") cpSync(join(here, name), join(made, name), { recursive: true });
}
rmSync(place, { recursive: true, force: true });
renameSync(made, place);
