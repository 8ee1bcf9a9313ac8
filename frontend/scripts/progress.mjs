// While a file is being judged its part of the page carries `data-progress`: ask for the page again until it is gone.
// Without JavaScript the same page carries a <meta> refresh inside <noscript>.
const FIRST_WAIT = 400;
const LONGEST_WAIT = 5000;

export function followProgress(root) {
  const part = root.querySelector("[data-progress]");
  if (part) {
    wait(part, FIRST_WAIT);
  }
}

function wait(part, delay) {
  window.setTimeout(() => look(part, delay), delay);
}

function announce(words) {
  const line = document.getElementById("announce");
  if (line && words) {
    line.textContent = words;
  }
}

async function look(part, delay) {
  try {
    const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(part.id);
      if (fresh && fresh.innerHTML !== part.innerHTML) {
        part.replaceChildren(...fresh.childNodes);
      }
      if (fresh && !fresh.hasAttribute("data-progress")) {
        part.removeAttribute("data-progress");
        announce(fresh.dataset.announce);
        return;
      }
    }
  } catch {
    // The network went away for a moment: the next look will tell.
  }
  wait(part, Math.min(delay * 1.5, LONGEST_WAIT));
}
