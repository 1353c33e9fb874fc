// NATO's share of Russia's land border: tick neighbours or pick a year.
// State: year (null when the reader ticks), neighbours (iso3 codes), source (whose lengths).
const core = {
  read(element) {
    const kilometres = (cell) => parseFloat(cell.textContent.replaceAll(",", "")) || null;
    return {
      ...element.dataset,
      sources: [...element.querySelectorAll("th[data-source]")].map((th) => ({ id: th.dataset.source, title: th.textContent })),
      rows: [...element.querySelectorAll("tr[data-iso3]")].map((tr) => ({
        iso3: tr.dataset.iso3, name: tr.cells[0].textContent,
        since: tr.querySelector("time")?.dateTime, km: [...tr.cells].slice(2).map(kilometres),
      })),
    };
  },

  mount(element, spec, host) {
    const { rows, sources } = spec;
    const [first, last] = [Number(spec.first), Number(spec.last)];
    const joined = (row) => (row.since ? Number(row.since.slice(0, 4)) : Infinity);
    const members = (year) => rows.filter((row) => joined(row) <= year).map((row) => row.iso3);
    const view = () => {
      let year = host.get("year");
      if (year === undefined) year = Number(spec.year);
      return {
        year, source: host.get("source") || spec.at,
        neighbours: year === null ? host.get("neighbours") || [] : members(year),
      };
    };
    const inAddress = ({ year, neighbours, source }) => ({
      year, neighbours: year === null ? neighbours.join() || "none" : null, source: source === sources[0].id ? null : source,
    });
    const keep = (change) => {
      const next = { ...view(), ...change };
      if ("year" in change && change.year !== null) next.neighbours = members(change.year);
      for (const key of ["year", "neighbours", "source"]) host.set(key, next[key]);
    };
    const go = (change) => { keep(change); link.write(inAddress(view())); };
    const link = address(element, host, ["year", "neighbours", "source"], ({ year, neighbours, source }) => {
      const change = { source: sources.some(({ id }) => id === source) ? source : sources[0].id };
      if (neighbours !== undefined) {
        Object.assign(change, { year: null, neighbours: rows.map((row) => row.iso3).filter((iso3) => neighbours.split(",").includes(iso3)) });
      } else if (year >= first && year <= last) change.year = Math.round(year);
      keep(change);
    });

    const share = make("strong", { class: "aa-figure" });
    const words = make("span");
    const bar = make("div", { class: "aa-bar", role: "img" });
    const slider = make("input", { type: "range", min: first, max: last, step: 1, oninput: () => go({ year: Number(slider.value) }) });
    const shown = make("span", { class: "aa-year" });
    const moments = [...new Set([first, ...rows.map(joined)])].filter((year) => year >= first && year <= last).sort().map((year) => {
      const newcomers = rows.filter((row) => Math.max(joined(row), first) === year).map((row) => row.name).join(", ");
      return { year, button: button(`${year} ${newcomers}`, () => go({ year })) };
    });
    const parts = rows.map((row) => {
      const tick = make("input", { type: "checkbox", onchange: () => go({
        year: null, neighbours: parts.filter((part) => part.tick.checked).map((part) => part.row.iso3),
      }) });
      const length = make("span", { class: "aa-number" });
      return { row, tick, length, segment: make("span", { title: row.name }, make("span", {}, row.name)), label: make("label", {}, tick, row.name + " ", length) };
    });
    bar.append(...parts.map((part) => part.segment));
    const select = make("select", { onchange: () => go({ source: select.value }) },
      ...sources.map(({ id, title }) => make("option", { value: id }, title)));
    const here = make("a", {}, "Link to this view");

    const draw = () => {
      const now = view();
      const column = sources.findIndex(({ id }) => id === now.source);
      let [km, total, count] = [0, 0, 0];
      for (const { row, tick, length, segment } of parts) {
        const value = row.km[column] ?? row.km[0];
        total += value;
        tick.checked = now.neighbours.includes(row.iso3);
        if (tick.checked) { km += value; count += 1; }
        length.textContent = number(value);
        segment.classList.toggle("aa-on", tick.checked);
        segment.style.flexGrow = value;
      }
      const percent = (100 * km / total).toFixed(1) + " %";
      const ticked = count === 1 ? "1 neighbour" : (count || "no") + " neighbours";
      share.textContent = percent;
      words.textContent = `of Russia's land border${now.year === null ? "" : " in " + now.year}: ${number(km)} of ${number(total)} km, ${ticked} ticked`;
      bar.setAttribute("aria-label", "The border unrolled from the Barents Sea to the Pacific. " + (count
        ? "Marked as NATO: " + parts.filter(({ tick }) => tick.checked).map(({ row }) => row.name).join(", ") : "None marked as NATO") + ".");
      shown.textContent = now.year ?? "your choice";
      if (now.year !== null) slider.value = now.year;
      for (const moment of moments) moment.button.setAttribute("aria-pressed", moment.year === now.year);
      select.value = now.source;
      here.href = link.hash(inAddress(now));
    };

    frame(element, spec, "The lengths as a table",
      make("p", { class: "aa-status", role: "status" }, share, " ", words),
      make("div", { class: "aa-border" }, bar,
        make("p", { class: "aa-ends", "aria-hidden": "true" }, make("span", {}, "Barents Sea"), make("span", {}, "Pacific"))),
      make("div", { class: "aa-row" }, make("label", {}, "Year", slider), shown),
      make("div", { class: "aa-row", role: "group", "aria-label": "Years in which the share changed" }, ...moments.map((moment) => moment.button)),
      make("fieldset", {}, make("legend", {}, "Neighbours counted as members of NATO, with kilometres of border"),
        make("div", { class: "aa-ticks" }, ...parts.map((part) => part.label))),
      make("div", { class: "aa-row" }, ...(sources.length > 1 ? [make("label", {}, "Lengths", select)] : []),
        ...(host.live ? [] : [here]), button("Start again", () => go({ year: Number(spec.year), source: spec.at }))));
    for (const key of ["year", "neighbours", "source"]) host.onChange(key, draw);
    link.read();
    draw();
  },
};
