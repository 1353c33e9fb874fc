// What the explorers share. Data becomes text nodes and attribute values, never markup.
const make = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
};

const button = (text, onclick) => make("button", { type: "button", onclick }, text);

const number = (value) => Math.round(value).toLocaleString("en");

// Sets the explorer into its place. In a page the title and the source stand there already, and the
// plain version is folded away below (`fold` is its name), stays below (true) or goes (null); in a
// kernel all is made here.
const frame = (element, spec, fold, ...children) => {
  const plain = element.querySelector(".aa-plain");
  const body = make("div", { class: "aa-live" }, ...children);
  if (!plain) {
    element.classList.add("aa-explorer");
    // A key belongs to the control that has the focus; JupyterLab would take it for its cell.
    element.addEventListener("keydown", (event) => event.ctrlKey || event.stopPropagation());
    element.dataset.widget = spec.widget;
    element.append(
      make("p", { class: "aa-title" }, spec.title), make("p", { class: "aa-subtitle" }, spec.subtitle),
      body, make("p", { class: "aa-source" }, spec.source));
  } else if (fold === true) {
    plain.before(body);
  } else if (fold) {
    const details = make("details", { class: "aa-fold" }, make("summary", {}, fold));
    plain.replaceWith(body, details);
    details.append(plain);
  } else plain.replaceWith(body);
  addEventListener("beforeprint", () => { for (const details of element.querySelectorAll("details")) details.open = true; });
};

// The view in the page's address, "#year=2004&source=factbook": a moment that a teacher can link to.
// `apply` gets the values (strings) when the address names one of `names`: at the start, when a
// link is followed, when the reader goes back. A kernel has no address of its own.
const address = (element, host, names, apply) => {
  const given = () => new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  const read = () => {
    const values = Object.fromEntries([...given()].filter(([name]) => names.includes(name)));
    if (host.live || !Object.keys(values).length) return;
    apply(values);
    element.scrollIntoView({ behavior: "instant" });
  };
  if (!host.live) addEventListener("hashchange", read);
  return {
    read,
    hash(values) {
      const all = given();
      for (const name of names) {
        if (values[name] == null || values[name] === "") all.delete(name);
        else all.set(name, values[name]);
      }
      return "#" + String(all).replaceAll("%2C", ",").replaceAll("%3A", ":");
    },
    write(values) {
      if (!host.live) history.replaceState(history.state, "", this.hash(values));
    },
  };
};
