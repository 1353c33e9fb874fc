// Sort the cards of a table into kinds, then see how others read them.
// State: answers ({card id: kind}), compared (the readings are shown).
const core = {
  read(element) {
    const cited = (node) => [...node.querySelectorAll(".aa-cited > *")].map((one) => ({ label: one.textContent, url: one.href }));
    const rows = [...element.querySelectorAll("tbody tr")];
    return {
      kinds: [...element.querySelectorAll("dt")].map((dt) => ({ id: dt.textContent, meaning: dt.nextElementSibling.textContent })),
      readers: [...element.querySelectorAll("thead th")].slice(1).map((th) => th.textContent),
      cards: [...element.querySelectorAll("li[data-id]")].map((li, i) => ({
        id: li.dataset.id, anchor: li.id, head: li.children[0].textContent, text: li.children[1].textContent, sources: cited(li),
        readings: [...rows[i].querySelectorAll("td")].map((td) => ({ kind: td.children[0].textContent, sources: cited(td) })),
      })),
    };
  },

  mount(element, spec, host) {
    const { kinds, readers } = spec;
    const group = Math.random().toString(36).slice(2); // radio names: two views of one widget must not share them
    const answers = () => host.get("answers") || {};
    const known = (kind) => kinds.some(({ id }) => id === kind);
    const cite = (sources) => sources.flatMap(({ label, url }, i) => [i ? "; " : "", url ? make("a", { href: url }, label) : label]);

    const cards = spec.cards.map((card) => {
      const radios = kinds.map(({ id }) => make("input", {
        type: "radio", name: `${group}-${card.id}`, value: id,
        onchange: () => host.set("answers", { ...answers(), [card.id]: id }),
      }));
      const list = make("ul", { class: "aa-readings" });
      const item = make("li", { id: card.anchor }, make("fieldset", {},
        make("legend", {}, make("span", { class: "aa-head" }, card.head), " ", make("span", { class: "aa-text" }, card.text)),
        make("p", { class: "aa-cited" }, ...cite(card.sources)),
        make("div", { class: "aa-kinds" }, ...radios.map((radio) => make("label", {}, radio, radio.value)))), list);
      return { ...card, radios, list, item };
    });
    const status = make("p", { role: "status" });
    const tally = make("ul", { class: "aa-tally" });
    const compare = button("", () => host.set("compared", !host.get("compared")));

    const draw = () => {
      const chosen = answers();
      const sorted = cards.filter((card) => known(chosen[card.id]));
      const shown = Boolean(host.get("compared")) && sorted.length > 0;
      for (const card of cards) {
        const mine = chosen[card.id];
        for (const radio of card.radios) radio.checked = radio.value === mine;
        card.list.hidden = !shown || !known(mine);
        const lines = card.readings.flatMap(({ kind, sources }, i) => known(kind) ? make("li", {},
          make("span", { class: kind === mine && "aa-same" }, `${readers[i]}: ${kind}${kind === mine ? ", as you" : ""}`),
          ...(sources.length ? [" (", ...cite(sources), ")"] : [])) : []);
        card.list.replaceChildren(...(lines.length ? lines : [make("li", {}, "No reading of this card was found.")]));
      }
      status.textContent = `${sorted.length} of ${cards.length} cards sorted.`;
      tally.replaceChildren(...(shown ? readers : []).map((reader, i) => {
        const both = sorted.filter((card) => known(card.readings[i].kind));
        const same = both.filter((card) => card.readings[i].kind === chosen[card.id]);
        return make("li", {}, `${reader}: ${both.length ? `the same as yours in ${same.length} of ${both.length}` : "no reading of these"}`);
      }));
      compare.textContent = shown ? "Hide the comparison" : "Compare my answers";
      compare.disabled = !sorted.length;
    };

    const head = element.querySelector(".aa-plain dl") || make("dl", {},
      ...kinds.flatMap(({ id, meaning }) => [make("dt", {}, id), make("dd", {}, meaning)]));
    frame(element, spec, null, head, make("ol", { class: "aa-cards" }, ...cards.map((card) => card.item)),
      make("div", { role: "group", "aria-label": "Comparison", "aria-live": "polite" }, status, tally),
      make("div", { class: "aa-row" }, compare, button("Clear my answers", () => { host.set("answers", {}); host.set("compared", false); }),
        button("Print", () => print())));
    for (const key of ["answers", "compared"]) host.onChange(key, draw);
    draw();
    // The cards have just been rebuilt, so a link to one of them is followed again.
    if (!host.live) document.getElementById(location.hash.slice(1))?.scrollIntoView({ behavior: "instant" });
  },
};
