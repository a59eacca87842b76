// Keeps the stock on a product page up to date: asks every second, and touches the page only when something changed.
"use strict";
(() => {
  const box = document.getElementById("stock");
  if (!box) return;
  let shown = "";

  function write(selector, text) {
    const place = box.querySelector(selector);
    if (place.textContent !== text) place.textContent = text;
  }

  function show(figures) {
    box.classList.toggle("yes", figures.in_stock);
    box.classList.toggle("no", !figures.in_stock);
    write(".label", figures.label);
    write(".available", figures.available);
    box.querySelector(".sources").replaceChildren(
      ...figures.sources.map((source) => {
        const line = document.createElement("li");
        line.textContent = source.text;
        return line;
      }),
    );
  }

  async function refresh() {
    try {
      const answer = await fetch(box.dataset.address, { cache: "no-store" });
      const text = answer.ok ? await answer.text() : shown;
      if (text && text !== shown) {
        show(JSON.parse(text));
        shown = text;
      }
    } catch {
      // The shop may be restarting; the last figures stay until it answers again.
    }
    setTimeout(refresh, 1000);
  }

  refresh();
})();
