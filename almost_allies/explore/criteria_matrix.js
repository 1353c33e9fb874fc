// Weigh criteria: each candidate's weighted mean, and how much of the weight rests on no score.
// State: weights ({criterion id: 0 to 3}); a criterion that is not named counts 1.
const core = {
  read(element) {
    return {
      ...element.dataset,
      weights: element.dataset.weights.split(";"),
      candidates: [...element.querySelectorAll("thead th")].slice(1).map((th) => th.textContent),
      criteria: [...element.querySelectorAll("tr[data-id]")].map((tr) => ({
        id: tr.dataset.id, title: tr.cells[0].textContent,
        scores: [...tr.cells].slice(1).map((td) => td.firstElementChild && Number(td.firstElementChild.value)),
      })),
    };
  },

  mount(element, spec, host) {
    const { candidates, criteria } = spec;
    const START = 1;
    const group = Math.random().toString(36).slice(2); // radio names: two views of one widget must not share them
    const fits = (weight) => Number.isInteger(weight) && weight in spec.weights;
    const weights = () => {
      const given = host.get("weights") || {};
      return Object.fromEntries(criteria.map(({ id }) => [id, fits(given[id]) ? given[id] : START]));
    };
    const inAddress = (now) => ({ weights: criteria.filter(({ id }) => now[id] !== START).map(({ id }) => `${id}:${now[id]}`).join() || "equal" });
    const go = (now) => { host.set("weights", now); link.write(inAddress(now)); };
    const link = address(element, host, ["weights"], ({ weights: given }) => {
      const pairs = given.split(",").map((pair) => pair.split(":")).filter(([, weight]) => /^\d$/.test(weight));
      const asked = Object.fromEntries(pairs.map(([id, weight]) => [id, Number(weight)]));
      host.set("weights", Object.fromEntries(criteria.map(({ id }) => [id, fits(asked[id]) ? asked[id] : START])));
    });

    const rounded = (value) => Math.floor(value * 100 + 0.5 + 1e-9); // as Python does, whatever the last bit
    const two = (value) => (Number.isNaN(value) ? "–" : (rounded(value) / 100).toFixed(2));
    // 0 / 0 is NaN: no weight, no result.
    const reckon = (now) => candidates.map((title, i) => {
      let [total, scored, points] = [0, 0, 0];
      for (const { id, scores } of criteria) {
        total += now[id];
        if (scores[i] !== null) { scored += now[id]; points += now[id] * scores[i]; }
      }
      return { title, score: points / scored, low: points / total, high: (points + total - scored) / total, unscored: 1 - scored / total };
    });
    const tell = (results) => {
      const ranked = results.filter(({ score }) => !Number.isNaN(score));
      if (Number.isNaN(results[0].low)) return "Every criterion is ignored. Give at least one of them some weight.";
      if (!ranked.length) return "Nothing that you weigh is scored for any candidate.";
      const marks = ranked.map(({ score }) => rounded(score));
      const at = (mark) => ranked.filter((_, i) => marks[i] === mark);
      const named = (rows) => `${rows.map(({ title }) => title).join(" and ")} (${two(rows[0].score)})`;
      const [top, bottom] = [at(Math.max(...marks)), at(Math.min(...marks))];
      let told = top.length < ranked.length ? `Highest: ${named(top)}. Lowest: ${named(bottom)}.` : `All alike: ${named(top)}.`;
      const shares = results.map(({ unscored }) => rounded(unscored));
      const [least, most] = [Math.min(...shares), Math.max(...shares)];
      if (!most) return told + " All of the weight rests on scores.";
      told += ` Not scored: ${least === most ? most : `${least} to ${most}`} % of a candidate's weight.`;
      const floor = Math.max(...top.map(({ low }) => low)) + 1e-9;
      const ceiling = Math.min(...bottom.map(({ high }) => high)) - 1e-9;
      const ends = [
        results.some((one) => !top.includes(one) && one.high > floor) ? ["who is highest"] : [],
        results.some((one) => !bottom.includes(one) && one.low < ceiling) ? ["who is lowest"] : [],
      ].flat();
      return told + (ends.length ? ` That could change ${ends.join(" and ")}.` : "");
    };

    const fields = criteria.map(({ id, title, scores }) => {
      const radios = spec.weights.map((_, weight) => make("input", {
        type: "radio", name: `${group}-${id}`, onchange: () => go({ ...weights(), [id]: weight }),
      }));
      const known = scores.filter((score) => score !== null).length;
      const extent = known === scores.length ? "" : known ? `scored for ${known} of ${scores.length}` : "not scored";
      return { id, radios, node: make("fieldset", {}, make("legend", {}, title, extent && make("span", { class: "aa-extent" }, ` (${extent})`)),
        make("div", { class: "aa-weights" }, ...radios.map((radio, i) => make("label", {}, radio, spec.weights[i])))) };
    });
    const status = make("p", { role: "status" });
    const rows = candidates.map((title) => {
      const [known, open, mark, words] = [make("span", { class: "aa-known" }), make("span", { class: "aa-open" }), make("span", { class: "aa-mark" }), make("span", { class: "aa-words" })];
      return { known, open, mark, words, node: make("li", {}, make("span", { class: "aa-name" }, title), " ",
        make("span", { class: "aa-beam", "aria-hidden": "true" }, known, open, mark), words) };
    });
    const here = make("a", {}, "Link to these weights");

    const draw = () => {
      const now = weights();
      const results = reckon(now);
      for (const { id, radios } of fields) radios.forEach((radio, i) => { radio.checked = now[id] === i; });
      status.textContent = tell(results);
      rows.forEach(({ known, open, mark, words }, i) => {
        const { score, low, high, unscored } = results[i];
        known.style.width = `${100 * (low || 0)}%`;
        open.style.left = known.style.width;
        open.style.width = `${100 * (unscored || 0)}%`;
        mark.hidden = Number.isNaN(score);
        mark.style.left = `${100 * (score || 0)}%`;
        words.replaceChildren(make("strong", {}, two(score)), ...(Number.isNaN(low) || !rounded(unscored) ? []
          : [`, ${two(low)} to ${two(high)} `, make("small", {}, `${rounded(unscored)} % not scored`)]));
      });
      here.href = link.hash(inAddress(now));
    };

    const legend = make("p", { class: "aa-legend" }, make("span", { class: "aa-key aa-known" }), " scored ",
      make("span", { class: "aa-key aa-open" }), " not scored: anything from none of it to all ",
      make("span", { class: "aa-key aa-mark" }), " mean of what is scored");
    const method = element.querySelector(".aa-method") || make("p", { class: "aa-method" }, spec.method);
    frame(element, spec, "The scores and what they rest on", method, ...fields.map(({ node }) => node), status, legend,
      make("ul", { class: "aa-results" }, ...rows.map(({ node }) => node)),
      make("p", { class: "aa-ends", "aria-hidden": "true" }, make("span", {}, "0"), make("span", {}, "1")),
      make("div", { class: "aa-row" }, ...(host.live ? [] : [here]),
        button("Weigh all alike", () => go(Object.fromEntries(criteria.map(({ id }) => [id, START])))), button("Print", () => print())));
    host.onChange("weights", draw);
    link.read();
    draw();
  },
};
