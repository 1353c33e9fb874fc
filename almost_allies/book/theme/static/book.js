// Small helpers of every page. The page is whole without them.
(() => {
  const root = document.documentElement;
  const remembered = () => { try { return localStorage.getItem("almost-allies:theme"); } catch { return null; } };
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  if (remembered()) root.dataset.theme = remembered(); // before the first paint, so the page does not flash

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
    document.querySelector("#contents [aria-current], #contents .current:not(:has(.current)) > a")?.scrollIntoView({ block: "nearest" });
  });
})();
