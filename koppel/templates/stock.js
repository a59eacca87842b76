/* Fetches the page again and again and puts the parts that change (data-live) in their place. Nothing in these can be focused,
   so the focus, an open table and the place to which somebody has scrolled stay as they are. */
(() => {
  "use strict";
  const body = document.body, note = document.getElementById("note"), pause = document.getElementById("pause");
  const period = Number(body.dataset.refresh) * 1000;
  const began = new Date();
  let good = began, isPaused = false;

  /* Airflow's own choice of light or dark; the page stands in a frame of the same origin. */
  function followTheme() {
    let classes = null;
    try { if (window.parent !== window) classes = window.parent.document.documentElement.classList; } catch { return; }
    const theme = classes && ["dark", "light"].find((name) => classes.contains(name));
    if (theme) document.documentElement.dataset.theme = theme;
  }

  function say(text) {
    if (note && note.textContent !== text) note.textContent = text;
  }

  /* The other page's style and script carry another number than ours, so the policy would complain of them. */
  function parsed(html) {
    return new DOMParser().parseFromString(html.replace(/<(style|script)\b[^]*?<\/\1>/g, ""), "text/html");
  }

  function swap(fresh) {
    if (fresh.body.dataset.page !== body.dataset.page) { location.reload(); return; }
    for (const old of document.querySelectorAll("[data-live]")) {
      const now = fresh.getElementById(old.id);
      if (now && now.innerHTML !== old.innerHTML) old.replaceChildren(...now.childNodes);
    }
  }

  function why(answer) {
    if (answer === null) return "Airflow does not answer";
    if (answer.status === 401 || answer.status === 403) return "you are no longer logged in, so reload Airflow";
    return answer.status === 503 ? "the ledger can't be read now" : "Airflow answers " + answer.status;
  }

  async function refresh() {
    followTheme();
    if (isPaused || document.hidden) return;
    let answer = null;
    try {
      answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(30000) });
      if (answer.ok) {
        swap(parsed(await answer.text()));
        good = new Date();
        say("");
        return;
      }
    } catch { answer = null; }
    say("Not refreshed since " + good.toISOString().slice(11, 19) + " UTC: " + why(answer) + ". It is tried again.");
  }

  if (pause) {
    pause.hidden = false;
    pause.addEventListener("click", () => {
      isPaused = !isPaused;
      pause.setAttribute("aria-pressed", String(isPaused));
      if (!isPaused) refresh();
    });
  }
  followTheme();
  document.addEventListener("visibilitychange", refresh);
  (function again() { setTimeout(() => refresh().finally(again), period); })();
})();
