// Builds what browsers load into ../workflows/web/static: names carry a digest of the content, manifest.json tells which.
// `node build.mjs FOLDER` writes elsewhere, so that a check can compare without touching what is committed.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { buildSync } from "esbuild";
import { compile } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const target = resolve(process.argv[2] ?? join(here, "../workflows/web/static"));
const fonts = join(here, "node_modules/@fontsource-variable/source-sans-3");
const manifest = {};

function put(name, content) {
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 12);
  const dot = name.lastIndexOf(".");
  const hashed = `${name.slice(0, dot)}.${digest}${name.slice(dot)}`;
  writeFileSync(join(target, hashed), content);
  manifest[name] = hashed;
  return hashed;
}

mkdirSync(target, { recursive: true });
for (const old of readdirSync(target)) {
  rmSync(join(target, old));
}

for (const part of ["latin", "latin-ext"]) {
  put(`source-sans-3-${part}.woff2`, readFileSync(join(fonts, `files/source-sans-3-${part}-wght-normal.woff2`)));
}

const styles = compile(join(here, "styles/main.scss"), {
  loadPaths: [join(here, "node_modules")],
  style: "compressed",
  quietDeps: true,
}).css.replace(/url\("?([\w.-]+\.woff2)"?\)/g, (_, name) => `url("${manifest[name]}")`);
put("main.css", `${styles}\n`);

// main.js is on every page, reset.js on the password pages, work.js is the worker it starts.
for (const [name, source, format] of [
  ["main.js", "scripts/main.mjs", "esm"],
  ["reset.js", "scripts/reset.mjs", "esm"],
  ["work.js", "node_modules/altcha/dist/workers/pbkdf2.js", "iife"],
]) {
  const script = buildSync({
    entryPoints: [join(here, source)],
    bundle: true,
    minify: true,
    format,
    target: "es2020",
    legalComments: "none",
    write: false,
  });
  put(name, script.outputFiles[0].contents);
}

put("mark.svg", readFileSync(join(here, "images/mark.svg")));

writeFileSync(join(target, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
