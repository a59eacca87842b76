"use strict";
// What the page shows stands in its address, behind the #, so that it can be kept, sent and gone back to.

const data = JSON.parse(document.getElementById("data").textContent);
const words = data.words;
const numbers = new Intl.NumberFormat(data.locale);
const amounts = new Intl.NumberFormat(data.locale, { style: "currency", currency: "EUR", maximumFractionDigits: 0 });
const prices = new Intl.NumberFormat(data.locale, { style: "currency", currency: "EUR" });
const plurals = new Intl.PluralRules(data.locale);
const order = new Intl.Collator(data.locale, { numeric: true, sensitivity: "base" });

// Outside text only ever becomes text: children are appended as nodes, never read as markup.
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

function icon(name) {
  const found = document.getElementById("icons").content.querySelector(`.icon-${name}`);
  return found ? found.cloneNode(true) : null;
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

function counted(forms, n) {
  return fill(plurals.select(n) === "one" ? forms[0] : forms[1], { n: numbers.format(n) });
}

function state() {
  return new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
}

// An address without anything to find would scroll to the top: the bare report has a name of its own.
function address(params) {
  return `#${params.toString() || "view=report"}`;
}

function go(params) {
  location.hash = address(params);
}

function instead(params) {
  if (address(params) !== location.hash) location.replace(address(params));
}

// Change some of what is shown, without a step for the back button: sorting, searching, turning pages.
function change(values) {
  const params = state();
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === "") params.delete(name);
    else params.set(name, value);
  }
  instead(params);
}

function later(run, milliseconds) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...given), milliseconds);
  };
}
