// Links to a reader's own JupyterHub: the address is kept in this browser only.
(() => {
  const KEY = "almost-allies:hub";
  for (const box of document.querySelectorAll("[data-hub]")) {
    const input = box.querySelector("input");
    const paths = [...box.querySelectorAll("[data-hub-path]")];
    const link = () => {
      const hub = input.value.trim() && input.validity.valid && /^https?:\/\//.test(input.value.trim()) ? input.value.trim().replace(/\/*$/, "/") : "";
      for (const path of paths) {
        const name = path.previousElementSibling;
        const next = document.createElement(hub ? "a" : "span");
        next.textContent = name.textContent;
        if (hub) next.href = hub + path.textContent;
        name.replaceWith(next);
        path.hidden = Boolean(hub);
      }
      try { if (hub) localStorage.setItem(KEY, hub); else localStorage.removeItem(KEY); } catch { /* not remembered */ }
    };
    try { input.value = localStorage.getItem(KEY) || ""; } catch { /* storage refused */ }
    box.querySelector(".hub-address").hidden = false;
    input.addEventListener("input", link);
    if (input.value) link();
  }
})();
