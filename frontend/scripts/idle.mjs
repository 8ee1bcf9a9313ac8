// Two minutes before a session ends for idleness its warning appears; one press keeps it.
const WARNING_SECONDS = 120;

export function warnBeforeIdle(root) {
  const box = root.querySelector("[data-idle-seconds]");
  if (!box) {
    return;
  }
  const seconds = Number(box.dataset.idleSeconds);
  let timer = plan(box, seconds);
  const button = box.querySelector("button");
  box.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (!answer.ok || answer.redirected) {
      window.location.reload();
      return;
    }
    box.hidden = true;
    window.clearTimeout(timer);
    timer = plan(box, seconds);
  });
  button.disabled = false;
}

function plan(box, seconds) {
  return window.setTimeout(
    () => {
      box.hidden = false;
    },
    Math.max(0, seconds - WARNING_SECONDS) * 1000,
  );
}
