// Whoever changes the language takes along what is typed into every form of the page.
// Without JavaScript the switch is a button of one form, and takes along what is typed into that one.
const TYPED = "input:not([type=hidden], [type=file], [type=password]), select, textarea";

export function takeEveryForm(root) {
  root.addEventListener("submit", (event) => {
    const sent = event.target;
    if (!event.submitter?.getAttribute("formaction")?.startsWith("/language?")) {
      return;
    }
    for (const form of root.querySelectorAll("main form")) {
      if (form !== sent) {
        [...form.elements].filter((field) => field.name && field.matches(TYPED)).forEach((field) => take(root, sent, field));
      }
    }
  });
}

function take(root, sent, field) {
  if (["checkbox", "radio"].includes(field.type) && !field.checked) {
    return;
  }
  const there = sent.elements.namedItem(field.name);
  if (there?.type === "hidden") {
    there.value = field.value;
  } else if (!there) {
    const taken = root.createElement("input");
    Object.assign(taken, { type: "hidden", name: field.name, value: field.value });
    sent.append(taken);
  }
}
