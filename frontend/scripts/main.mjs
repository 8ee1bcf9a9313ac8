// What JavaScript adds; every page works without it.
import {
  Button,
  CharacterCount,
  ErrorSummary,
  ServiceNavigation,
  createAll,
  isSupported,
} from "govuk-frontend";

import { refuseLargeFiles } from "./files.mjs";
import { takeEveryForm } from "./language.mjs";
import { followProgress } from "./progress.mjs";
import { warnBeforeIdle } from "./idle.mjs";

document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) {
  // What govuk-frontend's own template does inline, which our policy forbids.
  document.body.classList.add("govuk-frontend-supported");
}
if (isSupported()) {
  createAll(ServiceNavigation);
  createAll(ErrorSummary);
  createAll(Button, { preventDoubleClick: true });
  createAll(CharacterCount);
}
followProgress(document);
refuseLargeFiles(document);
takeEveryForm(document);
warnBeforeIdle(document);
