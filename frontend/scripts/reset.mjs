// The password pages: the secret out of the address, the work instead of a code, a look at what was typed.
// Every page works without it.
import { solveChallengeWorkers } from "altcha/lib";

const SHORTEST_SECRET = 20;

openLink(document.querySelector("[data-secret-form]"));
offerWork(document.querySelector("[data-work]"));
offerLook(document.querySelector("[data-password]"));

// The secret stands in the fragment: it went to no server and into no log. It leaves the address here, too.
function openLink(form) {
  const secret = window.location.hash.slice(1);
  if (!form || secret.length < SHORTEST_SECRET) {
    return;
  }
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
  form.elements.secret.value = secret;
  form.querySelector("[data-by-hand]").hidden = true;
  form.querySelector("[data-opening]").hidden = false;
  form.submit();
}

function offerWork(box) {
  if (!box || !window.Worker || !window.crypto?.subtle) {
    return;
  }
  box.hidden = false;
  const button = box.querySelector("button");
  const status = box.querySelector("[role=status]");
  button.addEventListener("click", async () => {
    button.disabled = true;
    status.textContent = box.dataset.begun;
    try {
      const answer = await fetch(box.dataset.work, { headers: { Accept: "application/json" } });
      const challenge = await answer.json();
      const solution = await solveChallengeWorkers({
        challenge,
        concurrency: Math.min(4, navigator.hardwareConcurrency || 1),
        createWorker: () => new Worker(box.dataset.worker),
      });
      box.querySelector("[name=work]").value = window.btoa(JSON.stringify({ challenge, solution }));
      status.textContent = box.dataset.done;
    } catch {
      status.textContent = box.dataset.failed;
      button.disabled = false;
    }
  });
}

function offerLook(box) {
  if (!box) {
    return;
  }
  const field = box.querySelector("input");
  const button = box.querySelector("button");
  const say = (shown) => {
    button.textContent = shown ? box.dataset.hide : box.dataset.show;
    button.setAttribute("aria-label", shown ? box.dataset.hideLong : box.dataset.showLong);
  };
  say(false);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    say(shown);
  });
  // Sent hidden: browsers remember what was typed into plain fields.
  field.form.addEventListener("submit", () => {
    field.type = "password";
  });
}
