// Where the reader stands on two axes, at the start of the course and at its end.
// State: before and after, each { axis id: place from 0 to 4, why: text }; both moments share one memory.
const core = {
  read(element) {
    return {
      ...element.dataset,
      axes: [...element.querySelectorAll("ol")].map((list) => ({
        id: list.dataset.axis, question: list.previousElementSibling.textContent, places: [...list.children].map((li) => li.textContent),
      })),
    };
  },

  mount(element, spec, host) {
    const { axes, moment } = spec;
    const group = Math.random().toString(36).slice(2);
    const position = (when) => host.get(when) || {};
    const set = (change) => host.set(moment, { ...position(moment), ...change });
    const placed = (when) => axes.every(({ id, places }) => position(when)[id] in places);

    const fields = axes.map((axis) => {
      const radios = axis.places.map((_, i) => make("input", { type: "radio", name: group + axis.id, onchange: () => set({ [axis.id]: i }) }));
      return { ...axis, radios, node: make("fieldset", {}, make("legend", {}, axis.question),
        make("div", { class: "aa-places" }, ...radios.map((radio, i) => make("label", {}, radio, axis.places[i])))) };
    });
    const why = make("textarea", { rows: 3, onchange: () => set({ why: why.value }) });
    const [across, up] = axes;
    const edge = (name, text) => make("span", { class: name }, text);
    const names = moment === "after" ? { before: "Before", after: "Now" } : { before: "You" };
    const moments = Object.keys(names);
    const dots = Object.fromEntries(moments.map((when) => [when,
      make("span", { class: when === moment ? "aa-dot" : "aa-dot aa-before" }, make("span", {}, names[when].toLowerCase()))]));
    const plane = make("div", { class: "aa-plane", role: "img" }, edge("aa-top", up.places.at(-1)), edge("aa-bottom", up.places[0]),
      edge("aa-left", across.places[0]), edge("aa-right", across.places.at(-1)), make("div", { class: "aa-field" }, ...Object.values(dots)));
    const status = make("div", { class: "aa-words", role: "status" });

    const inWords = (when) => axes.map(({ id, places }) => `“${places[position(when)[id]]}”`).join(" and ");
    const moved = () => axes.map(({ id, question, places }) => {
      const steps = position("after")[id] - position("before")[id];
      const count = Math.abs(steps) === 1 ? "1 step" : Math.abs(steps) + " steps";
      return `${question} ${steps ? `${count} towards “${steps > 0 ? places.at(-1) : places[0]}”` : "unmoved"}.`;
    }).join(" ");

    const draw = () => {
      const mine = position(moment);
      for (const { id, radios } of fields) radios.forEach((radio, i) => { radio.checked = mine[id] === i; });
      if (document.activeElement !== why) why.value = mine.why || "";
      const lines = [];
      for (const when of moments) {
        const dot = dots[when];
        const at = position(when);
        dot.hidden = !placed(when);
        if (dot.hidden) {
          lines.push(when === moment ? "Choose a place on each axis." : "You did not place yourself at the start of the course.");
          continue;
        }
        dot.style.left = `${at[across.id] * 20 + 10}%`;
        dot.style.top = `${90 - at[up.id] * 20}%`;
        lines.push(`${names[when]}: ${inWords(when)}.` + (when !== moment && at.why ? ` You wrote: “${at.why}”` : ""));
      }
      if (moment === "after" && placed("before") && placed("after")) lines.push(moved());
      status.replaceChildren(...lines.map((line) => make("p", {}, line)));
      plane.setAttribute("aria-label", lines.join(" "));
    };

    frame(element, spec, null, ...fields.map((field) => field.node), make("label", { class: "aa-why" }, "Why? One sentence for yourself", why),
      plane, status, make("div", { class: "aa-row" },
        button("Clear my place", () => { why.value = ""; host.set(moment, {}); }), button("Print", () => print())));
    for (const key of ["before", "after"]) host.onChange(key, draw);
    draw();
  },
};
