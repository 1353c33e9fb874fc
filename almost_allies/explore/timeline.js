// Filter the events of the course by theme, actor, part and words.
// State: theme, actor, part (a number as text), words: each "" for all.
const core = {
  read(element) {
    const texts = (li, selector) => [...li.querySelectorAll(selector)].map((node) => node.textContent);
    return {
      rows: [...element.querySelectorAll("li[id]")].map((node) => ({
        node, anchor: node.id, date: texts(node, "time")[0], year: Number(node.querySelector("time").dateTime.slice(0, 4)),
        text: texts(node, ".aa-what")[0], theme: texts(node, ".aa-theme")[0], actors: texts(node, ".aa-actor"),
        part: node.dataset.part,
      })),
    };
  },

  mount(element, spec, host) {
    const names = ["theme", "actor", "part", "words"];
    const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    const item = (row) => make("li", { id: row.anchor, "data-part": row.part },
      make("a", { class: "aa-date", href: "#" + row.anchor }, make("time", {}, row.date)),
      make("div", {}, make("p", { class: "aa-what" }, row.text), make("p", { class: "aa-meta" },
        [row.theme, ...row.actors, ...(row.status ? [row.status] : [])].join(" · ")), make("p", { class: "aa-meta" },
        ...row.sources.flatMap(({ label, url }, i) => [i ? "; " : "", url ? make("a", { href: url }, label) : label]))));
    const rows = spec.rows.map((row) => ({
      ...row, node: row.node || item(row), hay: fold([row.date, row.text, row.theme, ...row.actors].join(" ")),
    }));
    const view = () => Object.fromEntries(names.map((name) => [name, host.get(name) || ""]));
    const matches = (row, { theme, actor, part, words }) => (!theme || row.theme === theme) && (!actor || row.actors.includes(actor))
      && (!part || row.part === part) && fold(words).split(/\s+/).every((word) => row.hay.includes(word));
    const keep = (change) => { for (const name of names) if (name in change) host.set(name, change[name]); };
    const go = (change) => { keep(change); link.write(view()); };
    const all = { theme: "", actor: "", part: "", words: "" };
    const link = address(element, host, names, (found) => keep({ ...all, ...found }));

    const count = (values) => [...new Set(values)].sort((a, b) => a.localeCompare(b));
    const select = (name, options, whole) => make("select", { onchange: (event) => go({ [name]: event.target.value }) },
      make("option", { value: "" }, whole), ...options.map(([value, text]) => make("option", { value }, text)));
    const fields = {
      theme: ["Theme", select("theme", count(rows.map((row) => row.theme)).map((theme) => [theme, theme]), "all")],
      actor: ["Actor", select("actor", count(rows.flatMap((row) => row.actors)).map((actor) => [actor, actor]), "all")],
      part: ["Part", select("part", count(rows.map((row) => row.part)).map((part) => [part, `Part ${part}`]), "all")],
      words: ["Words", make("input", { type: "search", oninput: (event) => go({ words: event.target.value }) })],
    };
    const [first, last] = [rows[0].year, rows.at(-1).year];
    const years = Array.from({ length: last - first + 1 }, (_, i) => make("span", { title: first + i }, make("span")));
    const strip = make("div", { class: "aa-strip", role: "img" }, ...years);
    const status = make("p", { role: "status" });
    const here = make("a", {}, "Link to this view");

    const draw = () => {
      const now = view();
      const counts = years.map(() => 0);
      let shown = 0;
      for (const row of rows) {
        row.node.hidden = !matches(row, now);
        if (!row.node.hidden) { shown += 1; counts[row.year - first] += 1; }
      }
      const most = Math.max(...counts);
      counts.forEach((n, i) => { years[i].firstChild.style.height = `${(100 * n) / (most || 1)}%`; });
      for (const name of names) if (fields[name][1].value !== now[name]) fields[name][1].value = now[name];
      status.textContent = `${shown} of ${rows.length} events`;
      strip.setAttribute("aria-label", shown ? `Events shown per year, ${first} to ${last}; most in ${first + counts.indexOf(most)} (${most})` : "No event to show");
      here.href = link.hash(now);
    };
    // A link to one event shows it, whatever the filters hide.
    const show = () => {
      const row = rows.find(({ anchor }) => "#" + anchor === location.hash);
      if (!row) return;
      if (row.node.hidden) keep(all);
      row.node.scrollIntoView({ behavior: "instant" });
    };

    frame(element, spec, true, make("div", { class: "aa-filters" }, ...Object.values(fields).map(([name, field]) => make("label", {}, name, field))),
      strip, make("p", { class: "aa-ends", "aria-hidden": "true" }, make("span", {}, String(first)), make("span", {}, String(last))),
      make("div", { class: "aa-row" }, status, ...(host.live ? [] : [here]), button("Show all", () => go(all)), button("Print", () => print())),
      ...(rows[0].node.isConnected ? [] : [make("ol", { class: "aa-events" }, ...rows.map((row) => row.node))]));
    for (const name of names) host.onChange(name, draw);
    link.read();
    draw();
    if (!host.live) { show(); addEventListener("hashchange", show); }
  },
};
