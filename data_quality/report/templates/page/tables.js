// Sorting and searching of tables, by mouse and by keyboard; what is found is said aloud.

function sortOf(params, suffix) {
  const value = params.get(`sort${suffix}`) || "";
  return value.startsWith("-") ? { key: value.slice(1), down: true } : { key: value, down: false };
}

// The heads of the columns become buttons.
function sortable(table, suffix) {
  for (const head of table.querySelectorAll("thead th[data-key]")) {
    const button = make("button", { type: "button" });
    button.append(...head.childNodes);
    button.firstChild.after(make("span", { class: "arrow", "aria-hidden": "true" }));
    head.append(button);
    button.addEventListener("click", () => {
      const now = sortOf(state(), suffix);
      const first = head.classList.contains("n");
      const down = now.key === head.dataset.key ? !now.down : first;
      change({ [`sort${suffix}`]: (down ? "-" : "") + head.dataset.key, [`page${suffix}`]: null });
    });
  }
}

function showSort(table, sort) {
  for (const head of table.querySelectorAll("thead th[data-key]")) {
    if (head.dataset.key === sort.key) head.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
}

// Numbers by size, words as the reader's language has them; nothing known comes last, either way.
function compare(a, b, down) {
  const [noA, noB] = [a === null || a === "", b === null || b === ""];
  if (noA || noB) return noA - noB;
  const by = typeof a === "number" && typeof b === "number" ? a - b : order.compare(String(a), String(b));
  return down ? -by : by;
}

function search(input, suffix) {
  input.addEventListener("input", later(() => change({ [`find${suffix}`]: input.value.trim(), [`page${suffix}`]: null }), 120));
}

function say(place, text) {
  if (place && place.textContent !== text) place.textContent = text;
}

// A table whose rows all stand in the page.
class Standing {
  constructor(table) {
    this.table = table;
    this.suffix = `.${table.dataset.table}`;
    this.rows = [...table.tBodies[0].rows];
    this.keys = [...table.querySelectorAll("thead th")].map((head) => head.dataset.key);
    this.input = document.querySelector(`[data-search="${table.dataset.table}"]`);
    this.count = document.querySelector(`[data-count="${table.dataset.table}"]`);
    sortable(table, this.suffix);
    search(this.input, this.suffix);
  }

  value(row, key) {
    const cell = row.cells[this.keys.indexOf(key)];
    const value = cell ? cell.dataset.v : "";
    return key === "name" || value === "" ? value : Number(value);
  }

  show(params) {
    const sort = sortOf(params, this.suffix);
    const find = (params.get(`find${this.suffix}`) || "").toLocaleLowerCase(data.locale);
    if (document.activeElement !== this.input) this.input.value = params.get(`find${this.suffix}`) || "";
    showSort(this.table, sort);
    const rows = [...this.rows];
    if (sort.key) rows.sort((a, b) => compare(this.value(a, sort.key), this.value(b, sort.key), sort.down));
    const shown = rows.filter((row) => row.cells[0].textContent.toLocaleLowerCase(data.locale).includes(find));
    const held = document.activeElement;
    this.table.tBodies[0].replaceChildren(...shown);
    if (held && held.isConnected && held !== document.activeElement) held.focus({ preventScroll: true });
    say(this.count, counted(words.rows, shown.length));
  }
}

// A table whose rows come from the data in the page, a page of them at a time.
class Paged {
  constructor({ table, suffix, size, columns, rows, text, noun, place }) {
    Object.assign(this, { table, suffix, size, columns, rows, text, noun });
    this.input = place.querySelector("input[type=search]");
    this.count = place.querySelector("[role=status]");
    this.pages = place.querySelector("nav.pages");
    this.shown = null;
    this.heads = [...table.querySelectorAll("thead th")].map((head) => [head.dataset.key, (head.firstChild.textContent || "").trim()]);
    sortable(table, suffix);
    search(this.input, suffix);
    this.buttons();
  }

  buttons() {
    this.label = make("span", {});
    const turn = (by) => make("button", { type: "button", "data-by": by }, by < 0 ? words.previous : words.next);
    this.pages.append(turn(-1), this.label, turn(1));
    this.pages.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) change({ [`page${this.suffix}`]: String(this.page + Number(button.dataset.by)) });
    });
  }

  show(params, sortedBy) {
    const find = params.get(`find${this.suffix}`) || "";
    if (document.activeElement !== this.input) this.input.value = find;
    const wanted = [...params].filter(([name]) => name !== "card" && name !== "in").join("&");
    if (wanted === this.shown) return;
    this.shown = wanted;
    const sort = params.get(`sort${this.suffix}`) ? sortOf(params, this.suffix) : sortedBy;
    showSort(this.table, sort);
    const lower = find.toLocaleLowerCase(data.locale);
    const found = this.rows(params).filter((row) => !lower || this.text(row).toLocaleLowerCase(data.locale).includes(lower));
    const column = this.columns[sort.key];
    if (column) found.sort((a, b) => compare(column.value(a), column.value(b), sort.down));
    this.fill(found, Number(params.get(`page${this.suffix}`)) || 1);
  }

  fill(found, page) {
    const pages = Math.max(1, Math.ceil(found.length / this.size));
    this.page = Math.min(Math.max(1, page), pages);
    const rows = found.slice((this.page - 1) * this.size, this.page * this.size);
    this.table.tBodies[0].replaceChildren(...(rows.length ? rows.map((row) => this.row(row)) : [this.none()]));
    this.pages.hidden = pages === 1;
    this.label.textContent = fill(words.page, { page: numbers.format(this.page), pages: numbers.format(pages) });
    const [previous, next] = this.pages.querySelectorAll("button");
    // A button that is switched off would lose the keyboard's place.
    const turned = document.activeElement;
    previous.disabled = this.page === 1;
    next.disabled = this.page === pages;
    if (turned === previous && previous.disabled) next.focus();
    if (turned === next && next.disabled) previous.focus();
    say(this.count, counted(this.noun, found.length));
  }

  row(row) {
    const tr = make("tr", { role: "row" });
    for (const [key, label] of this.heads) {
      const isName = key === "name";
      const isNumber = this.columns[key].isNumber;
      const cell = make(isName ? "th" : "td", isName ? { role: "rowheader", scope: "row" } : { role: "cell", "data-label": label, class: isNumber ? "n" : null });
      cell.append(...[this.columns[key].cell(row)].flat().filter((part) => part !== null && part !== ""));
      tr.append(cell);
    }
    return tr;
  }

  none() {
    const cell = make("td", { role: "cell", colspan: String(this.heads.length) }, words.nothing_found);
    return make("tr", { role: "row" }, cell);
  }
}
