// Sort dated statements into promise, assurance and discussion, then see how historians read them.
// State: answers ({card id: kind}), compared (the readings are shown).
const core = {
  read(element) {
    const rows = [...element.querySelectorAll("tbody tr")];
    return {
      kinds: [...element.querySelectorAll("dt")].map((dt) => ({ id: dt.textContent, meaning: dt.nextElementSibling.textContent })),
      scholars: [...element.querySelectorAll("thead th")].slice(1).map((th) => th.textContent),
      cards: [...element.querySelectorAll("li[data-id]")].map((li, i) => ({
        id: li.dataset.id, anchor: li.id, head: li.children[0].textContent, text: li.children[1].textContent,
        readings: [...rows[i].querySelectorAll("td")].map((td) => td.textContent),
      })),
    };
  },

  mount(element, spec, host) {
    const { kinds, scholars } = spec;
    const group = Math.random().toString(36).slice(2); // radio names: two views of one widget must not share them
    const answers = () => host.get("answers") || {};
    const known = (reading) => kinds.some(({ id }) => id === reading);

    const cards = spec.cards.map((card) => {
      const radios = kinds.map(({ id }) => make("input", {
        type: "radio", name: `${group}-${card.id}`, value: id,
        onchange: () => host.set("answers", { ...answers(), [card.id]: id }),
      }));
      const list = make("ul", { class: "aa-readings" });
      const item = make("li", { id: card.anchor }, make("fieldset", {},
        make("legend", {}, make("span", { class: "aa-head" }, card.head), " ", make("span", { class: "aa-text" }, card.text)),
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
        const lines = card.readings.flatMap((reading, i) => known(reading) ? make("li", { class: reading === mine && "aa-same" },
          `${scholars[i]}: ${reading}${reading === mine ? ", as you" : ""}`) : []);
        card.list.replaceChildren(...(lines.length ? lines : [make("li", {}, "No published reading of this statement was found.")]));
      }
      status.textContent = `${sorted.length} of ${cards.length} statements sorted.` + (shown ? " You and the historians:" : "");
      tally.replaceChildren(...(shown ? scholars : []).map((scholar, i) => {
        const both = sorted.filter((card) => known(card.readings[i]));
        const same = both.filter((card) => card.readings[i] === chosen[card.id]);
        return make("li", {}, `${scholar}: ${both.length ? `the same in ${same.length} of ${both.length}` : "no reading of these"}`);
      }));
      compare.textContent = shown ? "Hide the historians' readings" : "Compare with the historians";
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
    // The statements have just been rebuilt, so a link to one of them is followed again.
    if (!host.live) document.getElementById(location.hash.slice(1))?.scrollIntoView({ behavior: "instant" });
  },
};
