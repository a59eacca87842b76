// The lists of products and of what is held back.

const SKU = 0, NAME = 1, TONGUE = 2, CATEGORY = 3, BRAND = 4, SUPPLIER = 5, SCORES = 6, HELD = 7, WORTH = 8, WAITS = 11, KINDS = 12;
const RULE = 0, LANGUAGE = 1, OWNER = 2, SEVERITY = 3, FIX = 4, QUESTION = 5;
const severities = ["block", "improve", "hint"];
const parents = new Map(data.category.map(([code, , parent]) => [code, parent]));

function nameOf(product) {
  return product[NAME] || words.no_name;
}

function money(value) {
  return value === null ? "–" : amounts.format(value);
}

function sentence(number, at) {
  const said = data.said[number];
  return said && said[at] ? said[at] : "";
}

function personOf(kind) {
  const [code, name] = data.people[kind[OWNER]];
  return code === "" ? words.nobody : name;
}

function cardLink(number, language, ...children) {
  const params = new URLSearchParams({ card: data.products[number][SKU] });
  if (language >= 0) params.set("in", data.languages[language]);
  return make("a", { href: `#${params}`, "data-go": "card", class: "drill" }, ...children);
}

function productCell(number, language = -1) {
  const product = data.products[number];
  const tongue = data.languages[product[TONGUE]];
  const name = make("span", { class: "product", dir: "auto", lang: tongue && tongue !== data.language ? tongue : null }, nameOf(product));
  return [cardLink(number, language, name), make("small", { class: "sku" }, product[SKU])];
}

function gradeOf(product) {
  const known = product[SCORES].filter((score) => score !== null);
  return known.length ? Math.min(...known) : null;
}

function gradeMark(score) {
  if (score === null) return "–";
  const grade = score >= 90 ? "A" : score >= 80 ? "B" : score >= 70 ? "C" : score >= 60 ? "D" : "E";
  return make("span", { class: `grade grade-${grade}` }, grade);
}

function within(code, wanted) {
  for (let steps = 0; steps < 50; steps += 1) {
    if (code === wanted) return true;
    if (!parents.get(code)) return false;
    code = parents.get(code);
  }
  return false;
}

// A hint belongs to somebody, but takes nothing from a question.
function counts(kind, params) {
  const language = params.get("language");
  if (kind[SEVERITY] > 1 && (language !== null || params.has("question"))) return false;
  if (params.has("question") && kind[QUESTION] !== params.get("question")) return false;
  if (language !== null && kind[LANGUAGE] !== -1 && data.languages[kind[LANGUAGE]] !== language) return false;
  return !params.has("owner") || data.people[kind[OWNER]][0] === params.get("owner");
}

function fits(product, params) {
  if (params.has("category") && !within(data.category[product[CATEGORY]][0], params.get("category"))) return false;
  if (params.has("brand") && data.brand[product[BRAND]][0] !== params.get("brand")) return false;
  if (params.has("supplier") && data.supplier[product[SUPPLIER]][0] !== params.get("supplier")) return false;
  if (!["question", "language", "owner"].some((name) => params.has(name))) return true;
  return product[KINDS].some((kind) => counts(data.kinds[kind], params));
}

function stateCell(number) {
  const held = data.products[number][HELD];
  if (!held.length) return make("span", { class: "state" }, icon("ready"), words.ready);
  const all = held.length === data.languages.length;
  const where = held.map((language) => words.language_names[language]).join(", ");
  return make("span", { class: "state held-back" }, icon("block"), all ? words.held : fill(words.held_in, { languages: where }));
}

// The sentences of a product, those that hold it back first; its questions where this file has no sentence.
function amissCell(number) {
  const kinds = data.products[number][KINDS].map((kind, at) => [data.kinds[kind], at]);
  if (!kinds.length) return make("span", { class: "soft" }, words.nothing_wrong);
  kinds.sort(([a], [b]) => a[SEVERITY] - b[SEVERITY]);
  const once = new Map(kinds.map(([kind, at]) => [sentence(number, at) || words.question[kind[QUESTION]], kind]).reverse());
  const lines = [...once].reverse().slice(0, 3).map(([text, kind]) =>
    make("li", {}, icon(severities[kind[SEVERITY]]), make("span", { class: "unseen" }, `${words.severity[severities[kind[SEVERITY]]]}: `), make("span", { dir: "auto" }, text)));
  return make("ul", { class: "problems" }, ...lines);
}

function productList() {
  const every = data.products.map((_, number) => number);
  const at = (number, place) => data.products[number][place];
  return new Paged({
    table: document.getElementById("list-table"),
    place: document.getElementById("list"),
    suffix: "",
    size: 50,
    noun: words.found,
    rows: (params) => every.filter((number) => fits(data.products[number], params)),
    text: (number) => `${at(number, NAME)} ${at(number, SKU)}`,
    columns: {
      name: { value: (number) => at(number, NAME), cell: (number) => productCell(number) },
      state: { value: (number) => at(number, HELD).length, cell: stateCell },
      problems: { value: (number) => at(number, KINDS).length, cell: amissCell },
      waits: { value: (number) => at(number, WAITS), isNumber: true, cell: (number) => (at(number, WAITS) || at(number, KINDS).length ? counted(words.waits, at(number, WAITS)) : "–") },
      score: { value: (number) => gradeOf(data.products[number]), isNumber: true, cell: (number) => gradeMark(gradeOf(data.products[number])) },
      worth: { value: (number) => at(number, WORTH), isNumber: true, cell: (number) => money(at(number, WORTH)) },
    },
  });
}

// A row: product, place of the problem in it, group, days, what the shop shows, day since, worth.
function heldList(section) {
  const group = ["new", "waiting", "overdue"].indexOf(section.dataset.held);
  const kind = (row) => data.kinds[data.products[row[0]][KINDS][row[1]]];
  const reason = (row) => sentence(row[0], row[1]) || data.rules[kind(row)[RULE]][0];
  const rows = data.held.filter((row) => row[2] === group);
  return new Paged({
    table: section.querySelector("table"),
    place: section,
    suffix: `.${section.dataset.held}`,
    size: 10,
    noun: words.rows,
    rows: () => [...rows],
    text: (row) => `${data.products[row[0]][NAME]} ${data.products[row[0]][SKU]} ${reason(row)} ${personOf(kind(row))}`,
    columns: {
      name: { value: (row) => data.products[row[0]][NAME], cell: (row) => productCell(row[0], kind(row)[LANGUAGE]) },
      reason: { value: reason, cell: (row) => [make("span", { dir: "auto" }, reason(row)), make("small", {}, words.language_names[kind(row)[LANGUAGE]] || words.every_language)] },
      shows: { value: (row) => row[4], cell: (row) => words.shows[row[4]] },
      days: { value: (row) => row[3], isNumber: true, cell: (row) => [counted(words.waits, row[3]), make("small", {}, data.days[row[5]])] },
      owner: { value: (row) => personOf(kind(row)), cell: (row) => [make("span", { dir: "auto" }, personOf(kind(row))), data.fixes[kind(row)[FIX]] ? make("small", { dir: "auto" }, data.fixes[kind(row)[FIX]]) : null] },
      worth: { value: (row) => row[6], isNumber: true, cell: (row) => money(row[6]) },
    },
  });
}

// The filters that stand in the address, each a link that removes it.
function showFilters(params) {
  const names = {
    question: (code) => words.question[code] || code,
    language: (code) => words.language_names[data.languages.indexOf(code)] || code,
    owner: (code) => { const found = data.people.find(([id]) => id === code); return code === "" ? words.nameless.owner : found ? found[1] : code; },
  };
  for (const name of ["category", "brand", "supplier"]) {
    names[name] = (code) => { const found = data[name].find(([id]) => id === code); return code === "" ? words.nameless[name] : found ? found[1] : code; };
  }
  const chips = Object.keys(names).filter((name) => params.has(name)).map((name) => {
    const rest = new URLSearchParams(params);
    for (const gone of [name, "page", "card", "in"]) rest.delete(gone);
    const label = `${words.filter[name]}: ${names[name](params.get(name))}`;
    return make("a", { href: `#${rest}`, "data-go": "filter", "aria-label": fill(words.without, { name: label }) }, make("span", { dir: "auto" }, label));
  });
  document.getElementById("filters").replaceChildren(...chips);
}
