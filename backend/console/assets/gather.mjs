// Gathers what the pages need in the browser into ../static: our own files, and those of packages.
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "node_modules");
const made = join(here, "..", "static.new");
const place = join(here, "..", "static");

const OF_PACKAGES = {
  "htmx.min.js": "htmx.org/dist/htmx.min.js",
  "sse.min.js": "htmx-ext-sse/dist/sse.min.js",
  "weui.min.css": "weui/dist/style/weui.min.css",
  "leaflet/leaflet.js": "leaflet/dist/leaflet.js",
  "leaflet/leaflet.css": "leaflet/dist/leaflet.css",
};

rmSync(made, { recursive: true, force: true });
mkdirSync(made);
for (const [name, source] of Object.entries(OF_PACKAGES)) cpSync(join(packages, source), join(made, name), { recursive: true });
for (const name of readdirSync(here)) {
  if (/\.(css|js|svg)$/.test(name) || name === "icons") cpSync(join(here, name), join(made, name), { recursive: true });
}

// Of ECharts only what the figures draw: the whole of it would be three pages' weight.
const { buildSync } = await import("esbuild");
const CHARTS = `
  import { init, use } from "echarts/core";
  import { BarChart } from "echarts/charts";
  import { AriaComponent, GridComponent, TooltipComponent } from "echarts/components";
  import { CanvasRenderer } from "echarts/renderers";
  use([BarChart, AriaComponent, GridComponent, TooltipComponent, CanvasRenderer]);
  export { init };`;
buildSync({ stdin: { contents: CHARTS, resolveDir: here }, bundle: true, minify: true, format: "iife", globalName: "echarts", outfile: join(made, "echarts.js"), logLevel: "error" });

// Beside each text its packed form, for browsers that take it (all do): see ../packed.py.
for (const name of readdirSync(made, { recursive: true })) {
  if (/\.(css|js|svg)$/.test(name)) writeFileSync(join(made, `${name}.gz`), gzipSync(readFileSync(join(made, name)), { level: 9 }));
}

rmSync(place, { recursive: true, force: true });
renameSync(made, place);
