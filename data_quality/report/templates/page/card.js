// A product as a customer sees it, in a dialog; the problems are numbered, and marked where they show.

const dialog = document.getElementById("card");
let openedHere = false;
const PLACES = { name: "name", photos: "photo", short_text: "short", long_text: "long", price: "price", properties: "facts", stock: "stock" };

function closeCard() {
  const params = state();
  params.delete("card");
  params.delete("in");
  if (openedHere) history.back();
  else instead(params);
}

function numbered(number, language) {
  const product = data.products[number];
  return product[KINDS].map((kind, at) => ({ kind: data.kinds[kind], text: sentence(number, at) }))
    .filter(({ kind }) => kind[LANGUAGE] === -1 || kind[LANGUAGE] === language)
    .sort((a, b) => a.kind[SEVERITY] - b.kind[SEVERITY])
    .map((problem, at) => ({ ...problem, at: at + 1 }));
}

function badge({ kind, at }) {
  return make("span", { class: `number ${["", "mild", "hint"][kind[SEVERITY]]}` }, String(at));
}

// The badges of the problems that show in one place of the product.
function badges(problems, place) {
  return problems.filter(({ kind }) => PLACES[kind[QUESTION]] === place).map(badge);
}

function part(tag, className, problems, place, lang, ...children) {
  const here = problems.filter(({ kind }) => PLACES[kind[QUESTION]] === place);
  const worst = Math.min(...here.map(({ kind }) => kind[SEVERITY]));
  const mark = here.length ? `marked ${worst ? "mild" : ""}` : "";
  return make(tag, { class: `${className} ${mark}`.trim(), lang, dir: lang ? "auto" : null }, ...badges(problems, place), ...children);
}

function photoPart(card, problems, lang) {
  const data64 = card && card[5] >= 0 ? data.photos[card[5]] : null;
  const shown = data64
    ? make("img", { src: `data:image/jpeg;base64,${data64}`, alt: card[6], lang })
    : make("div", { class: "no-photo" }, card && card[5] === -2 ? words.photo_left_out : words.no_photo);
  return part("div", "photo", problems, "photo", null, shown);
}

function textPart(text, name, problems, lang) {
  return part("p", `shop-text${text ? "" : " lacking"}`, problems, name, text ? lang : null, text || words.no_text);
}

function asShop(number, card, problems, lang) {
  const name = card ? card[0] : data.products[number][NAME];
  const title = part("h2", name ? "" : "lacking", problems, "name", name ? lang : null, name || words.no_name);
  title.id = "card-name";
  if (!card) return make("div", { class: "as-shop" }, title, make("p", { class: "lacking" }, words.no_card));
  const price = card[3] === null ? words.no_price : prices.format(Number(card[3]));
  const facts = card[4].map(([label, value]) => [make("dt", {}, label), make("dd", { dir: "auto", lang }, value)]).flat();
  const stock = words.stock[card[7]] || card[7];
  return make("div", { class: "as-shop" },
    make("p", { class: "eyebrow" }, words.as_customer),
    photoPart(card, problems, lang),
    title,
    part("p", "price", problems, "price", null, price, card[3] === null ? null : make("small", {}, words.excl_vat)),
    stock || badges(problems, "stock").length ? part("p", "", problems, "stock", null, stock || "–") : null,
    textPart(card[1], "short", problems, lang),
    textPart(card[2], "long", problems, lang),
    facts.length || badges(problems, "facts").length ? factsPart(facts, problems) : null);
}

function factsPart(facts, problems) {
  return make("div", {}, facts.length ? part("dl", "facts", [], "facts", null, ...facts) : null,
    badges(problems, "facts").length ? part("p", "shop-text", problems, "facts", null, words.question.properties) : null);
}

function amiss(problems) {
  const items = problems.map((problem) => {
    const { kind, text } = problem;
    const [title, why, todo] = data.rules[kind[RULE]];
    const fix = data.fixes[kind[FIX]];
    return make("li", {},
      make("p", { class: "what" }, badge(problem), make("span", { dir: "auto" }, text || title)),
      make("p", { class: "level" }, icon(severities[kind[SEVERITY]]), `${words.severity[severities[kind[SEVERITY]]]} · ${words.question[kind[QUESTION]] || ""}`),
      why ? make("p", {}, why) : null,
      todo ? make("p", {}, todo) : null,
      make("p", { class: "soft", dir: "auto" }, fill(words.owner, { name: personOf(kind) })),
      fix ? make("p", { class: "soft", dir: "auto" }, fill(words.fix, { place: fix })) : null);
  });
  return make("div", { class: "amiss" }, make("h3", {}, words.amiss),
    items.length ? make("ol", { role: "list" }, ...items) : make("p", {}, words.nothing_wrong));
}

function bar(number, language) {
  const tongues = data.languages.map((code, at) => {
    const button = make("button", { type: "button", "aria-pressed": String(at === language) }, words.language_names[at]);
    button.addEventListener("click", () => change({ in: code }));
    return button;
  });
  const close = make("button", { type: "button", class: "close" }, words.close);
  close.addEventListener("click", closeCard);
  return make("div", { class: "card-bar" }, make("p", {}, data.products[number][SKU]),
    tongues.length > 1 ? make("div", { class: "tongues", role: "group", "aria-label": words.language }, ...tongues) : null, close);
}

function showCard(params) {
  const number = params.has("card") ? data.products.findIndex((product) => product[SKU] === params.get("card")) : -1;
  if (number < 0) {
    if (dialog.open) dialog.close();
    openedHere = false;
    return;
  }
  const asked = data.languages.indexOf(params.get("in"));
  const own = data.languages.indexOf(data.language);
  const held = data.products[number][HELD];
  const language = asked >= 0 ? asked : held.length && !held.includes(own) ? held[0] : Math.max(own, 0);
  const pressed = dialog.open && dialog.contains(document.activeElement) && document.activeElement.hasAttribute("aria-pressed");
  const problems = numbered(number, language);
  const lang = data.languages[language];
  const card = data.cards[`${number}/${language}`];
  dialog.replaceChildren(bar(number, language), make("div", { class: "card-body" }, asShop(number, card, problems, lang), amiss(problems)));
  if (!dialog.open) dialog.showModal();
  const first = pressed ? dialog.querySelector("[aria-pressed=true]") : dialog.querySelector(".close");
  first.focus();
}

dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  closeCard();
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) closeCard();
});
