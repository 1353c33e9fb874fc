// How much would each explanation lead one to expect each piece of evidence?
// State: ratings ({card: {explanation: -2 to 2}}), card (the one in view).
const core = {
  read(element) {
    const data = element.dataset;
    return {
      question: data.question,
      stance: data.stance.split(";").map((axis) => axis.split("|")),
      scale: data.scale.split(";"),
      explanations: [...element.querySelectorAll("dt")].map((dt) => ({ id: dt.dataset.id, name: dt.textContent, claim: dt.nextElementSibling.textContent })),
      cards: [...element.querySelectorAll("li[data-id]")].map((li) => {
        const [head, text, sources] = li.children;
        return { id: li.dataset.id, head: head.textContent, text: text.textContent,
          sources: [...sources.children].filter((node) => !node.dataset.page).map((node) => ({ label: node.textContent, url: node.href })) };
      }),
    };
  },

  mount(element, spec, host) {
    const { cards, explanations, scale } = spec;
    const ratings = () => host.get("ratings") || {};
    const place = () => Math.max(0, cards.findIndex(({ id }) => id === host.get("card")));
    const go = (step) => { host.set("card", cards[(place() + step + cards.length) % cards.length].id); link.write({ card: host.get("card") }); };
    const turn = (step) => { go(step); field.focus(); }; // the new card is read out, and scrolled to
    const link = address(element, host, ["card"], ({ card }) => host.set("card", card));
    const signed = (value) => (Math.abs(value) < 0.05 ? "" : value < 0 ? "−" : "+") + Math.abs(value).toFixed(1);

    // Only what differs between explanations tells them apart: a card moves each explanation by its
    // rating less the mean of the card's ratings. A card that lacks a rating would tilt that mean.
    const weigh = () => {
      const rated = cards.map((card) => ({ ...card, values: explanations.map(({ id }) => (ratings()[card.id] || {})[id]) }))
        .filter(({ values }) => values.every(Number.isFinite));
      const balance = explanations.map(() => 0);
      for (const card of rated) {
        const mean = card.values.reduce((a, b) => a + b) / card.values.length;
        card.values.forEach((value, i) => { balance[i] += value - mean; });
        card.spread = Math.max(...card.values) - Math.min(...card.values);
      }
      return { rated, balance, telling: rated.filter(({ spread }) => spread > 1).sort((a, b) => b.spread - a.spread) };
    };

    const head = make("p", { class: "aa-head" });
    const text = make("span", { class: "aa-text" });
    const sources = make("p", { class: "aa-cited" });
    const selects = explanations.map(({ id, name }) => make("select", { "aria-label": name, onchange: (event) => {
      const mine = { ...ratings()[cards[place()].id] };
      if (event.target.value === "") delete mine[id]; else mine[id] = Number(event.target.value);
      host.set("ratings", { ...ratings(), [cards[place()].id]: mine });
    } }, make("option", { value: "" }, "not rated"), ...scale.map((words, i) => make("option", { value: 2 - i }, words))));
    const jump = make("select", { "aria-label": "Card", onchange: () => go(jump.selectedIndex - place()) },
      ...cards.map((card, i) => make("option", {}, `${i + 1}. ${card.head}`)));
    const status = make("p", { role: "status" });
    const bars = explanations.map(({ name }) => {
      const bar = make("span", { class: "aa-bar" });
      const value = make("span", { class: "aa-number" });
      return { bar, value, row: make("li", {}, make("span", {}, name), make("span", { class: "aa-beam" }, bar), value) };
    });
    const telling = make("ul", { class: "aa-telling" });
    const table = make("table");
    const save = () => {
      const rows = [["card", "evidence", ...explanations.map(({ id }) => id)],
        ...cards.map((card) => [card.id, card.text, ...explanations.map(({ id }) => (ratings()[card.id] || {})[id] ?? "")])];
      const csv = rows.map((row) => row.map((cell) => `"${String(cell).replaceAll('"', '""')}"`).join()).join("\r\n");
      const file = make("a", { download: "evidence-scale.csv", href: URL.createObjectURL(new Blob([csv], { type: "text/csv" })) });
      file.click();
      URL.revokeObjectURL(file.href);
    };
    const stood = () => {
      const before = host.live ? {} : pageHost("almost-allies:stance").get("before") || {};
      const words = spec.stance.map(([axis, ...places]) => places[before[axis]]);
      return words.every(Boolean) ? ` At the start of the course you stood at “${words.join("” and “")}”.` : "";
    };

    const draw = () => {
      const card = cards[place()];
      head.textContent = `Card ${place() + 1} of ${cards.length}: ${card.head}`;
      text.textContent = card.text;
      sources.replaceChildren(...card.sources.flatMap(({ label, url }, i) => [i ? "; " : "", url ? make("a", { href: url }, label) : label]));
      const told = element.querySelector(`#evidence-${card.id} [data-page]`); // only a page has pages to lead to
      if (told) sources.append("; ", told.cloneNode(true));
      selects.forEach((select, i) => { select.value = (ratings()[card.id] || {})[explanations[i].id] ?? ""; });
      jump.selectedIndex = place();
      const { rated, balance, telling: cardsThatTell } = weigh();
      const [low, high] = [Math.min(...balance), Math.max(...balance)];
      const named = (value) => explanations.filter((_, i) => Math.abs(balance[i] - value) < 0.05).map(({ name }) => `“${name}”`).join(" and ");
      status.textContent = `${rated.length} of ${cards.length} cards rated for every explanation. ` + (!rated.length ? "" : high - low < 1
        ? "They do not separate the explanations." : `They speak most for ${named(high)}, least for ${named(low)}.`) + stood();
      bars.forEach(({ bar, value }, i) => {
        const width = 50 * Math.abs(balance[i]) / Math.max(high, -low, 1);
        bar.style.width = width + "%";
        bar.style.left = (balance[i] < 0 ? 50 - width : 50) + "%";
        value.textContent = signed(balance[i]);
      });
      telling.replaceChildren(...cardsThatTell.slice(0, 5).map((one) => make("li", {}, `${one.head}: ${one.text}`)));
      telling.previousSibling.textContent = cardsThatTell.length ? "Your cards that separate the explanations most" : "";
      const cell = (tag, content, scope) => make(tag, { scope }, content);
      table.replaceChildren(
        make("thead", {}, make("tr", {}, cell("th", "Card", "col"), ...explanations.map(({ name }) => cell("th", name, "col")))),
        make("tbody", {}, ...cards.map(({ id, head: title }) => make("tr", {}, cell("th", title, "row"),
          ...explanations.map((one) => cell("td", scale[2 - (ratings()[id] || {})[one.id]] || "–"))))));
    };

    const method = element.querySelector(".aa-method") || make("p", { class: "aa-method" }, spec.method);
    const field = make("fieldset", { tabindex: -1 }, make("legend", {}, head, text), sources,
      make("p", { class: "aa-ask" }, spec.question),
      ...selects.map((select, i) => make("div", { class: "aa-rate" },
        make("p", {}, make("strong", {}, explanations[i].name), " ", explanations[i].claim), select)));
    frame(element, spec, "All the evidence as a list", method, field,
      make("div", { class: "aa-row" }, button("Previous", () => turn(-1)), button("Next", () => turn(1)), jump),
      status, make("ul", { class: "aa-balance" }, ...bars.map(({ row }) => row)), make("p", { class: "aa-ask" }), telling,
      make("div", { class: "aa-row" }, button("Save as a file", save), button("Print", () => print()), button("Clear my ratings", () => host.set("ratings", {}))),
      make("details", { class: "aa-fold" }, make("summary", {}, "My ratings as a table"),
        make("div", { class: "aa-scroll", tabindex: 0, role: "group", "aria-label": "My ratings" }, table)));
    for (const key of ["ratings", "card"]) host.onChange(key, draw);
    link.read();
    draw();
  },
};
