// Putting it together: what the address says is shown, whenever it changes.

document.documentElement.classList.add("live");
for (const tools of document.querySelectorAll(".tools[hidden], .sides[hidden], .all[hidden]")) tools.hidden = false;

const standing = [...document.querySelectorAll("table[data-table]")].map((table) => new Standing(table));
const held = [...document.querySelectorAll("section[data-held]")].filter((section) => section.querySelector("table")).map(heldList);
const products = productList();
let inList = false;
let origin = null;
let place = 0;

function showSide(params) {
  const wanted = params.get("side") || "category";
  for (const button of document.querySelectorAll("button[data-side]")) {
    button.setAttribute("aria-pressed", String(button.dataset.side === wanted));
  }
  for (const side of document.querySelectorAll("div.side")) side.hidden = side.dataset.side !== wanted;
}

function showReport(params) {
  showSide(params);
  for (const table of standing) table.show(params);
  for (const list of held) list.show(params, { key: "worth", down: true });
}

function showList(params) {
  showFilters(params);
  products.show(params, { key: params.has("owner") ? "waits" : "worth", down: true });
}

// Into the list the keyboard goes along; out of it, it goes back to where it was.
function turn(toList) {
  if (toList === inList) return;
  inList = toList;
  document.body.classList.toggle("in-list", toList);
  document.getElementById("report").hidden = toList;
  document.getElementById("list").hidden = !toList;
  if (toList) {
    scrollTo({ top: 0, behavior: "instant" });
    document.getElementById("list-title").focus({ preventScroll: true });
    return;
  }
  scrollTo({ top: place, behavior: "instant" });
  if (origin && origin.isConnected) origin.focus({ preventScroll: true });
}

function show() {
  const params = state();
  const toList = params.get("view") === "list";
  if (toList) showList(params);
  else showReport(params);
  turn(toList);
  showCard(params);
}

// What is sorted and searched in the report stays so while a card is open, and after a list.
let kept = new URLSearchParams();
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-go]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const wanted = new URLSearchParams(link.getAttribute("href").slice(1));
  if (link.dataset.go === "card") {
    const params = state();
    for (const [name, value] of wanted) params.set(name, value);
    openedHere = true;
    return go(params);
  }
  if (link.dataset.go === "report") return go(kept);
  if (link.dataset.go === "filter") document.getElementById("list-title").focus();
  if (!inList) {
    [origin, place, kept] = [link, scrollY, state()];
  }
  go(wanted);
});

for (const button of document.querySelectorAll("button[data-side]")) {
  button.addEventListener("click", () => change({ side: button.dataset.side === "category" ? null : button.dataset.side }));
}
addEventListener("hashchange", show);
show();
