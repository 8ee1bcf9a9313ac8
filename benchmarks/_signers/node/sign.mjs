// @signpdf: a placeholder put in as plain text (appends), or by pdf-lib (saves the file anew), then a CMS.
import { readFileSync, writeFileSync, rmSync } from "node:fs";
import { plainAddPlaceholder } from "@signpdf/placeholder-plain";
import { pdflibAddPlaceholder } from "@signpdf/placeholder-pdf-lib";
import { P12Signer } from "@signpdf/signer-p12";
import { SUBFILTER_ETSI_CADES_DETACHED } from "@signpdf/utils";
import signpdf from "@signpdf/signpdf";
import { PDFDocument } from "pdf-lib";

const about = {
  reason: "Parakstu",
  contactInfo: "janis@demo.test",
  name: "Jānis",
  location: "Rīga",
  signatureLength: 16384,
  subFilter: SUBFILTER_ETSI_CADES_DETACHED,
};

async function sign(source, result, look, mode, key) {
  const pdf = readFileSync(source);
  const widgetRect = { visible: [60, 60, 260, 110], beside: [320, 60, 520, 110] }[look] ?? [0, 0, 0, 0];
  let prepared;
  if (mode === "rewrite") {
    const document = await PDFDocument.load(pdf);
    pdflibAddPlaceholder({ pdfDoc: document, ...about, widgetRect });
    prepared = Buffer.from(await document.save({ useObjectStreams: false }));
  } else {
    prepared = plainAddPlaceholder({ pdfBuffer: pdf, ...about, widgetRect });
  }
  const signer = new P12Signer(readFileSync(key), { passphrase: "demo" });
  writeFileSync(result, await signpdf.default.sign(prepared, signer));
}

for (const line of readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean)) {
  const [name, source, result, , look, , mode, key] = line.split("\t");
  try {
    await sign(source, result, look, mode, key);
    console.log(`${name}\tok`);
  } catch (fault) {
    rmSync(result, { force: true });
    console.log(`${name}\t${String(fault).replace(/\s+/g, " ")}`);
  }
}
