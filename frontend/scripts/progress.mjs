// While a file is being judged a part of the page carries `data-progress`: ask for the page again until it is gone, and
// renew every part marked `data-live`. Its value, where it has one, is the version shown: the server then answers 304
// while there is nothing new. Without JavaScript the same page carries a <meta> refresh inside <noscript>.
const FIRST_WAIT = 250;
const LONGER = 1.25;
const LONGEST_WAIT = 5000;

export function followProgress(root) {
  if (root.querySelector("[data-progress]")) {
    wait(root, FIRST_WAIT);
  }
}

function wait(root, delay) {
  window.setTimeout(() => look(root, delay), delay);
}

async function look(root, delay) {
  try {
    const shown = root.querySelector("[data-progress]").dataset.progress;
    const headers = { Accept: "text/html", ...(shown && { "If-None-Match": `W/"${shown}"` }) };
    const answer = await fetch(window.location.href, { headers });
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of root.querySelectorAll("[data-live]")) {
        renew(part, page.getElementById(part.id));
      }
      const still = page.querySelector("[data-progress]");
      if (!still) {
        root.title = page.title;
        root.querySelector("[data-progress]")?.removeAttribute("data-progress");
        announce(root, page.querySelector("[data-announce]"));
        return;
      }
      root.querySelector("[data-progress]").dataset.progress = still.dataset.progress;
    }
  } catch {
    // The network went away for a moment: the next look will tell.
  }
  wait(root, Math.min(delay * LONGER, LONGEST_WAIT));
}

function renew(part, fresh) {
  if (!fresh) {
    part.remove();
  } else if (!touched(part) && fresh.innerHTML !== part.innerHTML) {
    part.replaceChildren(...fresh.childNodes);
  }
}

// A file somebody has just chosen, or a text they are writing, is not taken from under their hands.
function touched(part) {
  return [...part.querySelectorAll('input[type="file"], textarea')].some((field) => field.value !== field.defaultValue);
}

function announce(root, said) {
  const line = root.getElementById("announce");
  if (line && said) {
    line.textContent = said.dataset.announce;
  }
}
