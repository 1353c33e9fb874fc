// `read` takes the quiz from page.py's HTML, `mount` shows it.
// `fold`, `numbers`, `score`: as in scoring.py; tests hold both to it.
const PLAIN = { ł: "l", đ: "d", ð: "d", ø: "o", ı: "i", ς: "σ", æ: "ae", œ: "oe", ß: "ss", þ: "th" };

const fold = (text) => text.normalize("NFKD").toLowerCase()
  .replace(/\p{L}/gu, (letter) => PLAIN[letter] || letter)
  .replace(/([иу]\u0306|і\u0308)|\p{Mn}/gu, "$1")
  .replace(/[\u00ad\u200b-\u200f\u2060\ufeff'’ʼ‘‚‛`"“”„«»]/g, "")
  .replace(/[\s\u0085_\u2010-\u2015\u2212-]+/g, " ")
  .replace(/^[ .,;:!?]+|[ .,;:!?]+$/g, "");

const numbers = (text, unit = "") => {
  const found = /^[~≈$€£]?\s*([+-]?)([.,]?[0-9](?:[0-9 .,]*[0-9])?)(.*)$/s.exec(text.normalize("NFKC").trim().replace("\u2212", "-"));
  if (!found) return [];
  const [, sign, digits, tail] = found;
  const [rest, of] = [tail, unit].map((part) => fold(part.replaceAll("%", "per cent")));
  if (rest && rest !== of && (/[0-9]/.test(rest) || (of && rest[0] !== of[0]))) return [];
  const grouped = /^[1-9][0-9]{0,2}([ ,.])[0-9]{3}(?:\1[0-9]{3})*(?:(?!\1)[.,][0-9]+)?$/.exec(digits);
  const readings = /^(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)$/.test(digits) ? [digits] : [];
  if (grouped) readings.push(digits.replaceAll(grouped[1], ""));
  return readings.map((reading) => +reading.replace(",", ".") * (sign + 1));
};

const means = (q, typed, answer) => (q.type === "short" ? fold(typed) === fold(answer) : numbers(typed, q.unit)
  .some((x) => Math.abs(x - answer) <= +q.tolerance + 1e-9 * Math.max(1, Math.abs(answer))));

const solution = (q) => {
  if (q.items) return [...q.items].sort((a, b) => a.place - b.place).map(({ id }) => id);
  if (q.pairs) return Object.fromEntries(q.pairs.map(({ id, option }) => [id, option]));
  if (q.accept) return q.accept[0].text;
  const right = q.choices.filter((choice) => choice.right).map(({ id }) => id);
  return q.type === "multi" ? right : right[0];
};

const score = (q, response) => {
  const right = solution(q), list = Array.isArray(response) ? response : [];
  if (q.type === "multi") {
    const picked = [...new Set(list)], hits = picked.filter((id) => right.includes(id)).length;
    return Math.max(0, (2 * hits - picked.length) / right.length);
  }
  if (q.items) return right.filter((id, place) => id === list[place]).length / right.length;
  if (q.pairs) return q.pairs.filter(({ id, option }) => response?.[id] === option).length / q.pairs.length;
  if (q.choices) return +(response === right);
  const typed = String(response ?? "");
  return +(q.type === "numeric" ? means(q, typed, q.answer) : q.accept.some(({ text }) => means(q, typed, text)));
};

const read = (root) => ({
  quiz: root.dataset.quiz, title: root.getAttribute("aria-label"), lang: root.lang,
  questions: [...root.querySelectorAll("[data-type]")].map((li) => {
    const q = { ...li.dataset };
    for (const node of li.querySelectorAll("[data-one], [data-many]")) {
      const { one, many, ...data } = node.dataset, text = node.lastChild.textContent, url = node.getAttribute("href");
      if (one) q[one] = text;
      else (q[many] ||= []).push({ ...data, text, ...(url && { url }) });
    }
    return q;
  }),
});

const h = (tag, attributes, ...children) => {
  const [name, kind] = tag.split("."), node = document.createElement(name);
  if (kind) node.className = kind;
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  node.append(...children);
  return node;
};

const PATHS = { right: "M3 9l4 4 8-9", wrong: "M4 4l10 10M14 4L4 14", partly: "M3 9h12", up: "M4 11l5-5 5 5", down: "M4 7l5 5 5-5" };
const icon = (name) => {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("viewBox", "0 0 18 18");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
};
const tag = (right, yes, no) => {
  const kind = right ? "right" : "wrong";
  return h("span", { class: `aa-tag aa-${kind}` }, icon(kind), right ? yes : no);
};

const short = (n) => Math.round(n * 100) / 100;
const points = (n) => `${short(n)} point${+n === 1 ? "" : "s"}`;
const named = (list, id) => list.find((part) => part.id === id)?.text || "";

// By type. get: the response, if complete; draft: what is filled in, if that differs; set: show;
// tags: [node, tag] for its parts; notes: feedback on them; say: in words.
const choiceView = (q) => {
  const multi = q.type === "multi";
  const isOn = (response, id) => (multi ? Array.isArray(response) && response.includes(id) : response === id);
  const boxes = q.choices.map(() => h("input", { type: multi ? "checkbox" : "radio", name: q.id }));
  const texts = q.choices.map(({ text }) => h("span", {}, text));
  const get = () => {
    const ids = q.choices.map(({ id }) => id).filter((_, i) => boxes[i].checked);
    return multi && ids[0] ? ids : ids[0];
  };
  return {
    nodes: boxes.map((box, i) => h("label.aa-choice", {}, box, texts[i])), ask: "Choose an answer.", get,
    set: (response) => boxes.forEach((box, i) => { box.checked = isOn(response, q.choices[i].id); }),
    tags: (response) => q.choices.map(({ id, right }, i) => [texts[i], isOn(response, id)
      ? tag(right, "Your answer, right", "Your answer, not right") : right ? tag(right, "Right answer") : ""]),
    notes: (response) => q.choices.map(({ id, right, text }, i) => (isOn(response, id) || (multi && right))
      && [multi ? text + ": " : "", q.notes[i].text]).filter(Boolean),
    say: (response) => q.choices.filter(({ id }) => isOn(response, id)).map(({ text }) => text).join("; "),
  };
};

const orderView = (q, changed) => {
  const start = q.items.map(({ id }) => id), list = h("ol.aa-order");
  const valid = (response) => (Array.isArray(response) && [...response].sort().join() === [...start].sort().join() ? response : start);
  let now = [], moved;
  const move = (name, step, { id, text }) => {
    const button = h("button", { type: "button", "aria-label": `Move ${name}: ${text}` }, icon(name));
    button.addEventListener("click", () => {
      const to = Math.min(Math.max(now.indexOf(id) + step, 0), start.length - 1), next = now.filter((other) => other !== id);
      next.splice(to, 0, id);
      view.set(next);
      changed(`${text}: place ${to + 1} of ${start.length}.`);
      button.focus();   // lost in moving
    });
    return button;
  };
  const texts = q.items.map(({ text }) => h("span", {}, text));
  const rows = q.items.map((item, i) => h("li", {}, texts[i], move("up", -1, item), move("down", 1, item)));
  const view = {
    nodes: [list], ask: "Move the items into order.", get: () => (moved ? now : undefined),
    set(response) {
      moved = response;
      if (now.join() === valid(response).join()) return;
      now = valid(response);
      list.append(...now.map((id) => rows[start.indexOf(id)]));
    },
    tags: (response) => q.items.map(({ id, place }, i) =>
      [texts[i], tag(valid(response)[place - 1] === id, "Right place", `Belongs in place ${place}`)]),
    say: (response) => valid(response).map((id) => named(q.items, id)).join("; "),
  };
  return view;
};

const matchView = (q) => {
  const selects = q.pairs.map(() => h("select", {}, h("option", { value: "" }, "Choose"),
    ...q.options.map(({ id, text }) => h("option", { value: id }, text))));
  const rows = q.pairs.map(({ text }, i) => h("label.aa-pair", {}, h("span", {}, text), selects[i]));
  const draft = () => Object.fromEntries(q.pairs.map(({ id }, i) => [id, selects[i].value]));
  return {
    nodes: [...rows, h("p.aa-print", {}, q.options.map(({ text }) => text).join("; "))], ask: "Choose one for each.", get: () => (selects.every(({ value }) => value) ? draft() : undefined), draft,
    set: (response) => q.pairs.forEach(({ id }, i) => { selects[i].value = named(q.options, response?.[id]) && response[id]; }),
    tags: (response) => q.pairs.map(({ id, option }, i) =>
      [rows[i], tag(response?.[id] === option, "Right", "Right answer: " + named(q.options, option))]),
    say: (response) => q.pairs.map(({ id, text }) => `${text}: ${named(q.options, response?.[id])}`).join("; "),
  };
};

const textView = (q) => {
  const numeric = q.type === "numeric", input = h("input", { autocomplete: "off", inputmode: numeric ? "decimal" : "text" });
  return {
    nodes: [h("label.aa-text", {}, "Your answer", input)],
    ask: numeric ? `Write a number${q.unit && ", in " + q.unit}.` : "Write an answer.",
    get: () => ((numeric ? numbers(input.value, q.unit).length : fold(input.value)) ? input.value : undefined), draft: () => input.value,
    set: (response = "") => { input.value = response; },
    tags: () => [],
    notes: (response) => q.notes.filter(({ mistake }) => mistake && means(q, String(response), mistake)).map(({ text }) => ["", text]),
    say: String,
  };
};

const mount = (root, spec, host) => {
  const kept = (key) => ({ ...host.get(key) });
  const keep = (key, id, value) => {
    const { [id]: _, ...rest } = kept(key);
    host.set(key, value === undefined ? rest : { ...rest, [id]: value });
  };
  const answer = (q) => kept("responses")[q.id];
  const isDone = (q) => Object.hasOwn(kept("responses"), q.id);
  const got = (q) => (isDone(q) ? q.points * score(q, answer(q)) : 0);

  const views = spec.questions.map((q, index) => {
    const changed = (words) => {
      keep("drafts", q.id, (view.draft || view.get)());
      if (isDone(q)) keep("responses", q.id);   // a new try
      if (words) status.replaceChildren(words);
    };
    const view = (q.choices ? choiceView : q.items ? orderView : q.pairs ? matchView : textView)(q, changed);
    const id = `quiz-${spec.quiz}-${q.id}`;
    const button = h("button"), status = h("div", { role: "status" }), why = h("div.aa-why");
    const form = h("form", {},
      h("p.aa-meta", {}, h("a", host.live ? {} : { href: "#" + id }, `Question ${index + 1}`), " " + points(q.points)),
      h("fieldset", {}, h("legend", {}, q.prompt, " ", h("span.aa-how", {}, q.how || "")), ...view.nodes),
      q.hint ? h("details", {}, h("summary", {}, "Hint"), h("p", {}, q.hint)) : "", button, status, why);

    let last;
    const show = () => {
      const done = isDone(q), response = done ? answer(q) : kept("drafts")[q.id], now = JSON.stringify([done, response]);
      if (now === last) return;
      last = now;
      view.set(response);
      for (const old of form.querySelectorAll(".aa-tag")) old.remove();
      status.replaceChildren();
      why.replaceChildren();
      button.textContent = done ? "Try again" : "Check";
      if (!done) return;
      for (const [node, mark] of view.tags(response)) node.append(mark);
      const share = score(q, response), kind = share === 1 ? "right" : share ? "partly" : "wrong";
      const notes = view.notes?.(response) || [];
      if (!notes[0]) notes.push(["", named(q.notes, share === 1 ? "right" : "wrong")]);
      status.append(h("p.aa-" + kind, {}, icon(kind), h("b", {}, { right: "Right", partly: "Partly right", wrong: "Not right" }[kind]),
        ` ${short(got(q))} of ${points(q.points)}`), ...notes.map(([label, text]) => h("p", {}, h("b", {}, label), text)));
      if (q.accept && share < 1) why.append(h("p", {}, "Right answer: ", h("b", {}, q.accept[0].text)));
      why.append(h("p", {}, q.explanation), h("p", {}, ...q.links.filter(({ url }) => !host.live || url?.[0] !== "#")
        .map(({ text, url }) => (/^(https?:|#)/.test(url) ? h("a", { href: url }, text) : h("span", {}, text)))));
    };

    form.addEventListener("input", () => changed());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const response = view.get();
      if (isDone(q)) keep("responses", q.id);
      else if (response === undefined) status.replaceChildren(view.ask);
      else {
        keep("responses", q.id, response);
        keep("drafts", q.id);
      }
    });
    return { node: h("li", host.live ? {} : { id }, form), show, say: view.say };
  });

  const sum = (of) => spec.questions.reduce((all, q) => all + +of(q), 0);
  const total = () => `${short(sum(got))} of ${points(sum((q) => q.points))}, ${sum(isDone)} of ${views.length} answered`;
  const state = h("p"), save = h("button", { type: "button" }, "Save my results"), reset = h("button", { type: "button" }, "Start again");
  const update = () => {
    for (const { show } of views) show();
    state.textContent = total();
    root.dataset.points = spec.questions.map((q) => (isDone(q) ? short(got(q)) : "-"));
  };
  reset.addEventListener("click", () => {
    host.set("drafts", {});
    host.set("responses", {});
  });
  save.addEventListener("click", () => {
    const sheet = [spec.title, new Date().toLocaleString(), total(), "",
      ...spec.questions.map((q, i) => `${i + 1}. ${q.prompt}\n   ${isDone(q)
        ? `${views[i].say(answer(q))}\n   ${short(got(q))} of ${points(q.points)}` : "Not answered"}`), ""].join("\n");
    h("a", { href: URL.createObjectURL(new Blob([sheet])), download: spec.quiz + "-results.txt" }).click();
  });

  root.classList.add("aa-quiz");
  root.lang = spec.lang;
  if (host.live) root.addEventListener("keydown", (e) => e.ctrlKey || e.stopPropagation());   // or Lab takes it
  root.replaceChildren(
    h("ol", {}, ...views.map(({ node }) => node)),
    h("div.aa-sum", {}, state, save, reset),
    root.querySelector(":scope > p") || "",
    h("div.aa-key", {}, h("p", {}, "Answers"), h("ol", {},
      ...spec.questions.map((q, i) => h("li", {}, h("b", {}, views[i].say(solution(q))), " ", q.explanation)))));
  host.onChange("responses", update);
  host.onChange("drafts", update);
  update();
};

const core = { read, mount, score, fold, numbers };
