// A choice shows at once; without this script the button beside it does the same.
"use strict";
for (const choice of document.querySelectorAll("[data-submits]")) {
  choice.addEventListener("change", () => choice.form.submit());
}
for (const button of document.querySelectorAll("[data-submit]")) button.hidden = true;
