// The teacher's page: does the check value belong to what stands on the sheet?
for (const form of document.querySelectorAll("[data-verify]")) {
  const status = form.querySelector("[role=status]"), fields = ["quiz", "name", "date", "points", "total", "check"];
  const field = (name) => form.elements[name];
  const plain = (value) => value.toUpperCase().replaceAll("O", "0").replace(/[IL]/g, "1").replace(/[^0-9A-Z]/g, "");
  field("sheet").addEventListener("input", () => {
    for (const line of field("sheet").value.split("\n")) {
      const [, name, value] = /^\s*(\w+)\s*:\s*(.*?)\s*$/.exec(line) || [];
      if (fields.includes(name?.toLowerCase())) field(name.toLowerCase()).value = value;
    }
  });
  form.addEventListener("input", () => status.replaceChildren());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const sheet = Object.fromEntries(fields.map((name) => [name, field(name).value]));
    const missing = fields.filter((name) => !sheet[name].trim());
    const fits = plain(checkValue(sheet)) === plain(sheet.check);
    status.textContent = missing.length ? `Fill in: ${missing.join(", ")}.`
      : fits ? "It fits. Quiz, name, date, points and total are as the page wrote them."
        : "It does not fit. Something differs from what the page wrote: compare name, date, points, total and check value sign by sign.";
    if (missing.length) field(missing[0]).focus();
  });
  form.hidden = false;
}
