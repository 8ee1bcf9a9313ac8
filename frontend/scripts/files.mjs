// A file over the limit is refused before it is sent: said at its field at once, in the server's own words.
// Without JavaScript the limit stands beside the field, and the server's answer says the same.
const KILO = 1024;

export function refuseLargeFiles(root) {
  // Fields come and go while a page renews itself: the document listens for all of them.
  root.addEventListener("change", (event) => {
    if (event.target.matches?.("input[type=file][data-limit]")) {
      check(root, event.target);
    }
  });
  root.addEventListener("submit", (event) => {
    const field = event.target.querySelector("input[type=file][data-limit]");
    if (field && !check(root, field)) {
      event.preventDefault();
      field.focus();
    }
  }, true);
}

function check(root, field) {
  const wrong = complaint(field, root.documentElement.lang);
  const group = field.closest(".govuk-form-group");
  const id = `${field.id}-large`;
  root.getElementById(id)?.remove();
  group.classList.toggle("govuk-form-group--error", Boolean(wrong) || group.querySelector(".govuk-error-message") !== null);
  const described = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== id);
  if (wrong) {
    const said = root.createElement("p");
    said.id = id;
    said.className = "govuk-error-message";
    said.setAttribute("role", "alert");
    said.textContent = wrong;
    field.before(said);
    described.push(id);
  }
  if (described.length) {
    field.setAttribute("aria-describedby", described.join(" "));
  } else {
    field.removeAttribute("aria-describedby");
  }
  return !wrong;
}

// What is wrong with the chosen files: one is too large, or all of them together are.
function complaint(field, language) {
  const limit = Number(field.dataset.limit);
  const files = [...field.files];
  const large = files.find((file) => file.size > limit);
  if (large) {
    return field.dataset.tooLarge
      .replace("{name}", () => large.name)
      .replace("{size}", () => megabytes(large.size, language));
  }
  return files.reduce((sum, file) => sum + file.size, 0) > limit ? field.dataset.tooLargeTogether : "";
}

function megabytes(size, language) {
  // Rounded up: what is a little over the limit must not read as the limit.
  const number = Math.ceil((size / KILO / KILO) * 10) / 10;
  return new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(number);
}
