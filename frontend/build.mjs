// Builds what browsers load into ../workflows/web/static: names carry a digest of the content, manifest.json tells which.
// Keycloak's login pages load the same typeface and colours from its theme.
// `node build.mjs STATIC THEME` writes elsewhere, so that a check can compare without touching what is committed.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { buildSync } from "esbuild";
import { compile } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const target = resolve(process.argv[2] ?? join(here, "../workflows/web/static"));
const theme = resolve(process.argv[3] ?? join(here, "../docker/keycloak/themes/viis/login/resources"));
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

mkdirSync(join(theme, "css"), { recursive: true });
mkdirSync(join(theme, "fonts"), { recursive: true });
for (const part of ["latin", "latin-ext"]) {
  const file = join(fonts, `files/source-sans-3-${part}-wght-normal.woff2`);
  put(`source-sans-3-${part}.woff2`, readFileSync(file));
  copyFileSync(file, join(theme, "fonts", `source-sans-3-${part}.woff2`));
}

function styled(name, style) {
  return compile(join(here, "styles", name), { loadPaths: [join(here, "node_modules")], style, quietDeps: true }).css;
}

const styles = styled("main.scss", "compressed").replace(/url\("?([\w.-]+\.woff2)"?\)/g, (_, name) => `url("${manifest[name]}")`);
put("main.css", `${styles}\n`);
writeFileSync(join(theme, "css/viis.css"), `${styled("keycloak.scss", "expanded")}\n`);

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
