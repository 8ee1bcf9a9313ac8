// Two minutes before a session ends for idleness a warning takes the focus; one press keeps it, and so does typing
// before the warning. At the end the page is cleared: a page of ours without data leads to the login and back.
const WARNING_SECONDS = 120;
const TELL_EVERY = 60;
const LOOK_EVERY = 1;

export function warnBeforeIdle(root) {
  const box = root.querySelector("[data-idle-seconds]");
  if (!box) {
    return;
  }
  const seconds = Number(box.dataset.idleSeconds);
  const form = box.querySelector("form");
  const button = box.querySelector("button");
  // Work in another tab keeps the session of all.
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("viis-idle") : null;
  let since = Date.now();
  let before = null;

  function begin() {
    since = Date.now();
    if (!box.hidden) {
      box.hidden = true;
      before?.focus();
    }
  }

  function leave() {
    const here = window.location.pathname + window.location.search;
    window.location.replace(`/login/again?idle=1&then=${encodeURIComponent(here)}`);
  }

  async function extend() {
    since = Date.now();
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (!answer.ok || answer.redirected) {
        leave();
        return;
      }
    } catch {
      return; // without a network nothing was extended: the server says so with the next click
    }
    begin();
    tabs?.postMessage("active");
  }

  function look() {
    const idle = (Date.now() - since) / 1000;
    if (idle >= seconds) {
      leave();
    } else if (idle >= seconds - WARNING_SECONDS && box.hidden) {
      before = document.activeElement;
      box.hidden = false;
      button.focus();
    }
  }

  root.addEventListener("input", () => {
    if (box.hidden && Date.now() - since > TELL_EVERY * 1000) {
      extend();
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    extend();
  });
  if (tabs) {
    tabs.addEventListener("message", begin);
    tabs.postMessage("active");
  }
  // A computer that slept comes back after the end.
  document.addEventListener("visibilitychange", look);
  window.setInterval(look, LOOK_EVERY * 1000);
  button.disabled = false;
}
