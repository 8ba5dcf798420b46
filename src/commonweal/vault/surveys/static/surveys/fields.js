// The fields of a question as they stand, and what one choice does to the others.

export function sent(block) {
  const fields = [...block.querySelectorAll("input, select, textarea")];
  const on = (field) => !["radio", "checkbox"].includes(field.type) || field.checked;
  return fields.filter((field) => field.name && field.name !== "shown" && on(field)).map((field) => [field.name, field.value]);
}

// "None of these" and an answer beside it never stand together; words of one's own belong to their own choice.
export function together(field) {
  const group = field.closest(".choices");
  if (!group) return;
  const own = group.querySelector("[data-own]"), words = group.querySelector(".own input[type=text]");
  if (field === words && words.value.trim()) own.checked = true;
  const chosen = field === words ? own : field;
  if (chosen.type === "checkbox" && chosen.checked) {
    const alone = "alone" in chosen.dataset;
    for (const other of group.querySelectorAll("input[type=checkbox]")) {
      if (other !== chosen && (alone || "alone" in other.dataset)) other.checked = false;
    }
  }
  if (words && !own.checked) words.value = "";
}

export function showError(block, words) {
  const place = block.querySelector("[data-error]");
  if (!place) return;
  place.replaceChildren();
  block.classList.toggle("wrong", Boolean(words));
  for (const field of block.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (words && !["radio", "checkbox"].includes(field.type)) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  if (!words) return;
  const told = document.createElement("p");
  told.className = "error";
  told.textContent = words;
  place.append(told);
}
