// "My results": a sheet to print or copy, from what quiz.js keeps in `data-points`. Nothing is sent; the name stays on this device.
const NAME = "almost-allies/name";
const h = (tag, attributes, ...children) => {
  const node = document.createElement(tag);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  node.append(...children);
  return node;
};
const button = (text, does) => {
  const node = h("button", { type: "button" }, text);
  node.addEventListener("click", does);
  return node;
};
const rowOf = (label, value) => h("div", {}, h("dt", {}, label), value);

for (const root of document.querySelectorAll('[data-widget="quiz"]')) {
  const title = root.getAttribute("aria-label"), heading = h("h2", { id: `results-${root.dataset.quiz}` }, title);
  const name = h("input", { autocomplete: "name", maxlength: 80 });
  const day = h("dd"), total = h("dd"), check = h("dd", { "aria-live": "polite" });
  const rows = h("tbody"), text = h("textarea", { readonly: "", rows: 7, "aria-label": "The sheet as text" });
  try { name.value = localStorage.getItem(NAME) || ""; } catch { /* refused: typed anew */ }

  const write = () => {
    const sheet = { quiz: root.dataset.quiz, name: name.value, date: day.textContent, points: root.dataset.points.replaceAll(",", " "), total: total.textContent };
    const value = name.value.trim() ? checkValue(sheet) : "write your name first";
    check.textContent = value;
    text.value = [title, `Quiz: ${sheet.quiz}`, `Name: ${sheet.name}`, `Date: ${sheet.date}`, `Points: ${sheet.points}`, `Total: ${sheet.total}`,
      `Check: ${value}`].join("\n");
  };
  name.addEventListener("input", () => {
    try { localStorage.setItem(NAME, name.value); } catch { /* not kept, still on the sheet */ }
    write();
  });

  const dialog = h("dialog", { class: "aa-sheet", "aria-labelledby": heading.id },
    heading,
    h("p", {}, h("label", {}, "Name ", name)),
    h("dl", {}, rowOf("Quiz", h("dd", {}, root.dataset.quiz)), rowOf("Date", day), rowOf("Total", total), rowOf("Check value", check)),
    h("table", {}, h("caption", {}, "Points by question"),
      h("thead", {}, h("tr", {}, ...["", "Question", "Points", "Of"].map((head) => (head ? h("th", { scope: "col" }, head) : h("td"))))), rows),
    h("p", {}, "The check value tells your teacher that nothing was changed or mistyped on the way. It cannot tell who answered, how often, or with "
      + "what help: this sheet shows practice and is no examination."),
    h("details", {}, h("summary", {}, "As text, to copy and send"), text),
    h("div", { class: "aa-do" }, button("Print", () => print()), button("Close", () => dialog.close())));

  const open = button("My results", () => {
    const now = new Date(), two = (n) => String(n).padStart(2, "0");
    day.textContent = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
    total.textContent = root.querySelector(".aa-sum p").textContent.split(" point")[0];
    const points = root.dataset.points.split(",");
    rows.replaceChildren(...[...root.querySelectorAll("form")].map((form, i) => h("tr", {}, h("td", {}, String(i + 1)),
      h("td", {}, form.querySelector("legend").firstChild.textContent), h("td", {}, points[i] === "-" ? "not answered" : points[i]),
      h("td", {}, form.querySelector(".aa-meta").lastChild.textContent.trim().split(" ")[0]))));
    write();
    dialog.showModal();
  });
  document.body.append(dialog);
  root.querySelector(".aa-sum").append(open);
}
