// Alliances of Europe on 31 December of a year.
// State: year, layers (ids shown), country (code of the state whose dates are shown, or "").
const core = {
  read(element) {
    const term = (node) => {
      const [from, to] = [...node.querySelectorAll("time")].map((time) => time.dateTime);
      return { from, to: to || "", status: node.textContent.match(/\((\w+)\)/)?.[1] || "member" };
    };
    return {
      ...element.dataset,
      layers: [...element.querySelectorAll("th[data-layer]")].map((th) => ({ id: th.dataset.layer, name: th.textContent })),
      states: [...element.querySelectorAll("tr[data-code]")].map((tr) => ({
        code: tr.dataset.code, name: tr.cells[0].firstChild.textContent, former: tr.dataset.former, until: tr.dataset.until && Number(tr.dataset.until),
        terms: [...tr.cells].slice(1).map((td) => [...td.children].map(term)),
      })),
    };
  },

  mount(element, spec, host) {
    const { layers, states } = spec;
    const [first, last] = [Number(spec.first), Number(spec.last)];
    const build = ([tag, attributes, children]) => {
      const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
      node.append(...children.map((child) => (typeof child === "string" ? child : build(child))));
      return node;
    };
    const map = element.querySelector(".aa-map") || build(spec.picture);
    const byCode = Object.fromEntries(states.map((state) => [state.code, state]));
    const ids = layers.map(({ id }) => id);
    const yearOf = (iso) => Number(iso.slice(0, 4));
    const format = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });
    const date = (iso) => (iso.length > 4 ? format.format(new Date(iso)) : iso);
    const statusOf = (code, layer, year) => byCode[code]?.terms[ids.indexOf(layer)]
      .find(({ from, to }) => yearOf(from) <= year && (!to || year < yearOf(to)))?.status;
    const nameOf = ({ name, former, until }, year) => (former && year < until ? former : name);
    // "SUN:1991 UKR" and 1990 -> "SUN"
    const owner = (owners, year) => owners.split(" ").map((part) => part.split(":")).find(([, until]) => !until || year < until)[0];
    const within = (node, year) => year >= (node.dataset.from || first) && year <= (node.dataset.to || last);
    const view = () => ({ year: host.get("year") ?? Number(spec.year), layers: host.get("layers") || ids.filter((id) => id !== "EU"), country: host.get("country") || "" });
    const keep = (change) => { for (const [key, value] of Object.entries(change)) host.set(key, value); };
    const inAddress = ({ year, layers: shown, country }) => ({ year, layers: shown.join() || "none", country });
    const go = (change) => { keep(change); link.write(inAddress(view())); };
    const link = address(element, host, ["year", "layers", "country"], ({ year, layers: shown, country }) => {
      if (year >= first && year <= last) keep({ year: Math.round(year) });
      if (shown) keep({ layers: ids.filter((id) => shown.split(",").includes(id)) });
      keep({ country: country in byCode ? country : "" });
    });

    // What began or ended in a year: one line for each layer and day.
    const verbs = { member: "joined by", signatory: "treaty signed by", suspended: "suspended for" };
    const changes = (year, shown) => {
      const lines = new Map();
      for (const state of states) {
        const { code, terms } = state;
        terms.forEach((runs, i) => {
          if (!shown.includes(ids[i])) return;
          const note = (iso, verb) => {
            const line = `${layers[i].name}, ${date(iso)}: ${verb} `;
            lines.set(line, [...(lines.get(line) || []), nameOf(state, year)]);
          };
          for (const { from, to, status } of runs) {
            if (yearOf(from) === year) note(from, verbs[status]);
            // A run that passes into another, or a partner that becomes a member, is told once.
            else if (to && yearOf(to) === year && !runs.some((run) => run.from.slice(0, 4) === String(year))
              && !(ids[i] === "PFP" && statusOf(code, "NATO", year))) note(to, "ended for");
          }
        });
      }
      return [...lines].map(([line, names]) => line + names.join(", "));
    };

    const pieces = [...map.querySelectorAll(".aa-pieces > *")];
    const chosen = map.querySelector(".aa-chosen");
    const timed = [...map.querySelectorAll("[data-from], [data-to]")];
    const between = [...map.querySelectorAll("[data-between]")].map((node) => ({ node, sides: node.dataset.between.split("/") }));
    const show = (node, visible) => node.setAttribute("visibility", visible ? "visible" : "hidden");
    const paint = ({ year, layers: shown, country }) => {
      for (const piece of pieces) {
        const code = owner(piece.dataset.owners, year);
        const base = shown.find((id) => id !== "EU" && statusOf(code, id, year));
        const partial = base && statusOf(code, base, year) !== "member" ? "2" : "";
        const dots = shown.includes("EU") && statusOf(code, "EU", year) ? "-EU" : "";
        for (const part of ["fill", "stroke"]) piece.setAttribute(part, `url(#year-map-${base || "land"}${partial}${dots})`);
      }
      for (const node of timed) show(node, within(node, year));
      chosen.setAttribute("d", pieces.filter((piece) => country && within(piece, year) && owner(piece.dataset.owners, year) === country)
        .map((piece) => piece.getAttribute("d")).join(""));
      for (const { node, sides: [a, b] } of between) show(node, owner(a, year) !== owner(b, year));
    };

    const slider = make("input", { type: "range", min: first, max: last, oninput: () => { stop(); go({ year: Number(slider.value) }); } });
    const shownYear = make("span", { class: "aa-year" });
    const ticks = layers.map(({ id, name }) => make("input", { type: "checkbox", value: id, onchange: () => go({ layers: ticks.filter((tick) => tick.checked).map((tick) => tick.value) }), "aria-label": name }));
    const select = make("select", { onchange: () => go({ country: select.value }) }, make("option", { value: "" }, "none"),
      ...states.map(({ code, name }) => make("option", { value: code }, name)));
    const status = make("p", { role: "status" });
    const events = make("ul", { class: "aa-changes" });
    const dates = make("p", { class: "aa-dates" });
    const here = make("a", {}, "Link to this view");

    const step = (way) => {
      const { year, layers: shown } = view();
      for (let next = year + way; next >= first && next <= last; next += way) if (changes(next, shown).length) return go({ year: next });
    };
    let timer = 0;
    const stop = () => { clearInterval(timer); timer = 0; play.textContent = "Play"; };
    const play = button("Play", () => {
      if (timer) return stop();
      if (view().year === last) go({ year: first });
      play.textContent = "Pause";
      timer = setInterval(() => (view().year < last ? go({ year: view().year + 1 }) : stop()), 700);
    });

    const tell = (code) => {
      const state = byCode[code];
      dates.textContent = !state ? "" : `${nameOf(state, view().year)}: ` + state.terms.flatMap((runs, i) => runs.map(({ from, to, status: kind }) =>
        `${layers[i].name} ${to ? `${date(from)} to ${date(to)}` : `since ${date(from)}`}${kind === "member" ? "" : ` (${kind})`}`)).join("; ") + ".";
    };
    const draw = () => {
      const now = view();
      paint(now);
      slider.value = now.year;
      shownYear.textContent = now.year;
      for (const tick of ticks) tick.checked = now.layers.includes(tick.value);
      for (const option of select.options) {
        const name = option.value && nameOf(byCode[option.value], now.year);
        if (name && option.textContent !== name) option.textContent = name;   // writing it anew costs a layout
      }
      select.value = now.country;
      const counts = layers.filter(({ id }) => now.layers.includes(id))
        .map(({ id, name }) => [name, states.filter(({ code }) => statusOf(code, id, now.year)).length]).filter(([, count]) => count);
      status.textContent = `${now.year}: ${counts.map((pair) => pair.join(" ")).join(", ") || "no members of the layers shown"}`;
      map.setAttribute("aria-label", "Map of Europe in " + status.textContent);
      events.replaceChildren(...changes(now.year, now.layers).map((line) => make("li", {}, line)));
      tell(now.country);
      here.href = link.hash(inAddress(now));
    };
    map.addEventListener("pointerover", ({ target }) => tell(target.dataset.owners ? owner(target.dataset.owners, view().year) : view().country));
    map.addEventListener("pointerleave", () => tell(view().country));
    map.addEventListener("click", ({ target }) => {
      const code = target.dataset.owners && owner(target.dataset.owners, view().year);
      if (code in byCode) go({ country: code === view().country ? "" : code });
    });

    frame(element, spec, "All dates as a table", map,
      make("div", { class: "aa-row aa-time" }, make("label", {}, "Year", slider), shownYear,
        button("Previous change", () => { stop(); step(-1); }), button("Next change", () => { stop(); step(1); }),
        ...(matchMedia("(prefers-reduced-motion: reduce)").matches ? [] : [play])),
      make("fieldset", {}, make("legend", {}, "Show"), make("div", { class: "aa-row" },
        ...layers.map(({ id, name }, i) => make("label", {}, ticks[i], make("span", { class: "aa-swatch aa-" + id }), name)))),
      status, events,
      make("div", { class: "aa-row" }, make("label", {}, "Country", select), ...(host.live ? [] : [here]), button("Start again", () => { stop(); go({ year: Number(spec.year), layers: ids.filter((id) => id !== "EU"), country: "" }); })), dates);
    for (const key of ["year", "layers", "country"]) host.onChange(key, draw);
    link.read();
    draw();
  },
};
