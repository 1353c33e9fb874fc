// Small helpers of every page. The page is whole without them.
(() => {
  const root = document.documentElement;
  root.classList.add("script");
  const remembered = () => { try { return localStorage.getItem("almost-allies:theme"); } catch { return null; } };
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  if (remembered()) root.dataset.theme = remembered(); // before the first paint, so the page does not flash

  // A chapter whose quiz is answered to the end is marked in the contents; the answers are in this browser only.
  const answersOf = (quiz) => {
    for (const key of Object.keys(localStorage).filter((key) => key.startsWith(`almost-allies/quiz/${quiz}/`))) {
      try { return Object.keys(JSON.parse(localStorage.getItem(key)).responses || {}).length; } catch { /* not ours */ }
    }
    return 0;
  };
  const markFinishedQuizzes = () => {
    const contents = document.getElementById("contents");
    try {
      let any = false;
      for (const [quiz, questions] of Object.entries(JSON.parse(contents.dataset.quizzes || "{}"))) {
        const answered = answersOf(quiz);
        any ||= answered > 0;
        const link = answered >= questions
          && [...contents.querySelectorAll("a")].find((a) => new URL(a.href).pathname.endsWith(`/${quiz}.html`));
        if (link) link.append(" ", Object.assign(document.createElement("span"), { className: "done", textContent: "quiz done" }));
      }
      contents.querySelector(".progress").hidden = !any;
      contents.querySelector("[data-clear]").addEventListener("click", () => {
        for (const key of Object.keys(localStorage)) if (key.startsWith("almost-allies") && !key.endsWith(":theme")) localStorage.removeItem(key);
        location.reload();
      });
    } catch { /* storage refused: no marks */ }
  };

  // Served over http, a read page stays readable without a network; a newer edition waits until the reader wants it.
  const keepForReadingOffline = async () => {
    const home = new URL(root.dataset.content_root, document.baseURI);
    const registration = await navigator.serviceWorker.register(new URL("offline.js", home), { scope: home });
    const offer = () => {
      if (!registration.waiting || !navigator.serviceWorker.controller) return;
      const notice = document.querySelector("[data-newer]");
      notice.hidden = false;
      notice.querySelector("button").addEventListener("click", () => {
        navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
        registration.waiting.postMessage({ task: "take over" });
      });
    };
    offer();
    registration.addEventListener("updatefound", () => {
      const coming = registration.installing;
      coming.addEventListener("statechange", () => { if (coming.state === "installed") offer(); });
    });
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage({ task: "keep", addresses: [location.href, ...performance.getEntriesByType("resource").map((entry) => entry.name)] });
    const whole = document.querySelector("[data-keep]");
    const status = whole.querySelector("[role=status]");
    whole.hidden = false;
    whole.querySelector("button").addEventListener("click", () => active.postMessage({ task: "keep all" }));
    navigator.serviceWorker.addEventListener("message", ({ data }) => {
      status.textContent = data.failed ? "Not all could be fetched; try again." : data.kept < data.of
        ? `${data.kept} of ${data.of} files` : "The whole book can be read offline on this device.";
    });
    navigator.serviceWorker.startMessages();
  };
  if ("serviceWorker" in navigator && location.protocol.startsWith("http")) {
    addEventListener("load", () => keepForReadingOffline().catch(() => { /* refused or private: the book reads on, online */ }));
  }

  addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-theme-switch]");
    const name = () => { button.textContent = dark() ? "Light page" : "Dark page"; };
    button.hidden = false;
    name();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
    button.addEventListener("click", () => {
      root.dataset.theme = dark() ? "light" : "dark";
      try { localStorage.setItem("almost-allies:theme", root.dataset.theme); } catch { /* not remembered, still switched */ }
      name();
    });
    markFinishedQuizzes();
    // JupyterLite needs a web server: from a folder its link would lead nowhere.
    if (location.protocol === "file:") for (const part of document.querySelectorAll("[data-lite]")) part.hidden = true;
    const form = document.querySelector("[data-mistake]");
    form?.addEventListener("click", () => {
      const address = new URL(form.href);
      if (location.hash) address.searchParams.set("page", address.searchParams.get("page").split("#")[0] + location.hash);
      form.href = address;
    });
    const contents = document.getElementById("contents");
    const showWhereTheReaderIs = () => {   // scrollIntoView would move the page too
      const link = contents.querySelector("[aria-current]");
      if (link) contents.scrollTop = link.offsetTop - contents.clientHeight / 2;
    };
    showWhereTheReaderIs();
    contents.addEventListener("toggle", showWhereTheReaderIs);
  });
})();
