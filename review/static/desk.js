// The desk works without this script. It makes it fast: forms and links without a new page, keys for everything, and sums as one types.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector, within = document) => within.querySelector(selector);

  // Partial updates ---------------------------------------------------------------------------------------------

  const ours = (url) => url.origin === location.origin && url.pathname.startsWith("/e/") && !url.pathname.endsWith(".csv");
  let under = null; // the request under way

  async function load(url, options, push) {
    if (under) under.abort();
    under = new AbortController();
    root.classList.add("busy");
    try {
      const answer = await fetch(url, { ...options, signal: under.signal, credentials: "same-origin", headers: { Accept: "text/html", ...(options.headers || {}) } });
      const type = answer.headers.get("Content-Type") || "";
      if (!type.startsWith("text/html")) return void location.assign(url);
      show(new DOMParser().parseFromString(await answer.text(), "text/html"));
      if (push) history.pushState({}, "", answer.redirected || options.method !== "POST" ? answer.url : location.href);
    } catch (failed) {
      if (failed.name !== "AbortError") location.assign(options.method === "POST" ? location.href : url);
    } finally {
      root.classList.remove("busy");
    }
  }

  function show(page) {
    document.title = page.title;
    const token = one('meta[name="form-token"]', page), known = one('meta[name="form-token"]');
    if (token && known) known.content = token.content;
    for (const flash of all("body > .flash")) flash.remove();
    const header = one(".top"), newer = one(".top", page);
    if (header && newer) header.replaceWith(newer);
    const main = one("main"), fresh = one("main", page);
    for (const flash of all("body > .flash", page)) main.before(flash);
    main.replaceWith(fresh);
    window.scrollTo(0, 0);
    begin();
    (one("[data-focus]") || fresh).focus({ preventScroll: true });
  }

  document.addEventListener("submit", (event) => {
    const form = event.target, button = event.submitter;
    const url = new URL((button && button.getAttribute("formaction")) || form.getAttribute("action") || location.href, location.href);
    if (form.method === "dialog" || !ours(url) || form.enctype === "multipart/form-data") return;
    event.preventDefault();
    const fields = new URLSearchParams(new FormData(form));
    if (button && button.name) fields.append(button.name, button.value);
    if (form.method === "post") return void load(url, { method: "POST", body: fields }, true);
    for (const [name, value] of [...fields]) if (value === "") fields.delete(name);
    url.search = fields.toString();
    load(url, { method: "GET" }, true);
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (link && !event.defaultPrevented && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !link.hasAttribute("download")) {
      const url = new URL(link.href);
      if (ours(url) && url.hash === "") {
        event.preventDefault();
        load(url, { method: "GET" }, true);
        return;
      }
    }
    const doing = event.target.closest("button[data-do]");
    if (doing && work[doing.dataset.do]) {
      event.preventDefault();
      work[doing.dataset.do](doing.form);
      sum(doing.form);
    }
  });

  window.addEventListener("popstate", () => load(new URL(location.href), { method: "GET" }, false));

  // The allocation table -----------------------------------------------------------------------------------------

  // Amounts are whole numbers of minor units throughout.
  function minor(text, exponent) {
    let plain = text.replace(/[\s\u00a0\u202f'’]/g, "");
    if (plain === "") return 0;
    const cut = Math.max(plain.lastIndexOf("."), plain.lastIndexOf(","));
    let whole = plain, fraction = "";
    if (cut >= 0) {
      whole = plain.slice(0, cut);
      fraction = plain.slice(cut + 1);
      if (whole.includes(plain[cut])) { whole = plain; fraction = ""; }
      whole = whole.replace(/[.,]/g, "");
    }
    if (!/^\d+$/.test(whole) || !/^\d*$/.test(fraction) || fraction.length > exponent) return NaN;
    const value = Number(whole + fraction.padEnd(exponent, "0"));
    return Number.isSafeInteger(value) ? value : NaN;
  }

  function plain(value, exponent) {
    if (value === 0) return "";
    const digits = String(Math.abs(value)).padStart(exponent + 1, "0");
    const cut = digits.length - exponent;
    return (value < 0 ? "-" : "") + digits.slice(0, cut) + (exponent ? "." + digits.slice(cut) : "");
  }

  function grouped(value, exponent) {
    const [whole, fraction] = (plain(Math.abs(value), exponent) || (exponent ? "0." + "0".repeat(exponent) : "0")).split(".");
    const text = whole.replace(/\B(?=(\d{3})+$)/g, "\u202f") + (fraction ? "." + fraction : "");
    return value < 0 ? "\u2212" + text : text;
  }

  const exponentOf = (form) => Number(form.dataset.exponent);
  const valueOf = (input, form) => minor(input.value, exponentOf(form)) || 0;


  function sum(form) {
    const exponent = exponentOf(form), received = Number(form.dataset.received);
    let used = 0, selected = all("[data-take]", form).reduce((sum, input) => sum + valueOf(input, form), 0);
    for (const row of all("[data-item], [data-note]", form)) {
      const money = one("[data-pay], [data-use]", row), paid = valueOf(money, form), gone = all("[data-less]", row).reduce((sum, input) => sum + valueOf(input, form), 0);
      if (row.hasAttribute("data-note")) used += paid; else selected += paid;
      const rest = Number(row.dataset.open) - paid - gone;
      const out = one("[data-rest]", row);
      out.textContent = grouped(rest, exponent);
      out.classList.toggle("bad", rest < 0);
      row.classList.toggle("filled", paid + gone > 0);
      for (const input of all("input.money", row)) {
        const wrong = Number.isNaN(minor(input.value, exponent));
        input.setAttribute("aria-invalid", String(wrong || rest < 0 && input.value !== ""));
      }
    }
    const left = received + used - selected, bar = one("[data-total]", form);
    one("[data-used]", form).textContent = grouped(used, exponent);
    one("[data-selected]", form).textContent = grouped(selected, exponent);
    one("[data-says]", form).textContent = left < 0 ? grouped(-left, exponent) + " over" : left > 0 ? grouped(left, exponent) + " still to apply" : "All of it is applied";
    bar.classList.toggle("over", left < 0);
    bar.classList.toggle("even", left === 0);
  }

  function ticked(form) {
    const rows = all("[data-item]", form), some = rows.filter((row) => one('input[type="checkbox"]', row).checked);
    return some.length ? some : rows;
  }

  const goneOf = (row, form) => all("[data-less]", row).reduce((sum, input) => sum + valueOf(input, form), 0);

  const work = {
    pay(form) {
      for (const row of ticked(form)) one("[data-pay]", row).value = plain(Number(row.dataset.open) - goneOf(row, form), exponentOf(form));
    },
    unpay(form) {
      for (const row of ticked(form)) for (const input of all("input.money", row)) input.value = "";
    },
    spread(form) {
      const asked = one('[name="spread"]', form).value;
      let left = asked ? minor(asked, exponentOf(form)) || 0 : Number(form.dataset.received) + all("[data-use]", form).reduce((sum, input) => sum + valueOf(input, form), 0) - valueOf(one('[name="refund"]', form), form);
      for (const input of all("[data-pay]", form)) input.value = "";
      for (const row of ticked(form)) {
        const part = Math.min(left, Number(row.dataset.open) - goneOf(row, form));
        if (part <= 0) continue;
        one("[data-pay]", row).value = plain(part, exponentOf(form));
        left -= part;
      }
      one('[name="on_account"]', form).value = plain(left, exponentOf(form));
    },
  };

  function order(form) {
    const by = one("[data-order]", form).value, rows = all("[data-item]", form);
    const compare = { due: (a, b) => a.dataset.due.localeCompare(b.dataset.due), number: () => 0, amount: (a, b) => b.dataset.amount - a.dataset.amount, open: (a, b) => b.dataset.open - a.dataset.open }[by];
    rows.sort((a, b) => compare(a, b) || (a.dataset.number < b.dataset.number ? -1 : a.dataset.number > b.dataset.number ? 1 : 0));
    for (const row of rows) row.parentNode.append(row);
  }

  document.addEventListener("input", (event) => { const form = event.target.closest("[data-table]"); if (form) sum(form); });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-table]");
    if (form && event.target.matches("[data-order]")) order(form);
  });
  // A double click into an empty field takes what is open.
  document.addEventListener("dblclick", (event) => {
    const input = event.target.closest("[data-pay]");
    if (input && input.value === "") {
      const row = input.closest("[data-item]");
      input.value = plain(Number(row.dataset.open) - goneOf(row, input.form), exponentOf(input.form));
      sum(input.form);
    }
  });

  // Keys ---------------------------------------------------------------------------------------------------------

  const keys = [
    ["?", "these keys"], ["j / k", "next, previous case or proposal"], ["Enter", "open the case"], ["x", "tick the case"], ["A", "accept those ticked"], ["/", "search"],
    ["a", "accept the chosen proposal"], ["1 … 9", "choose a proposal"], ["n", "next case, next page"], ["q", "back to the queue"], ["u", "undo what was just decided"],
    ["t", "to the allocation table"], ["p", "spread from top to bottom"], ["P", "pay those ticked"], ["f", "find an item"], ["s", "set aside"], ["i", "assign"], ["z", "snooze"], ["c", "write a note"], ["Esc", "leave a field"],
  ];

  function help() {
    let dialog = one("#keys");
    if (!dialog) {
      dialog = document.createElement("dialog");
      dialog.id = "keys";
      dialog.setAttribute("aria-label", "Keys");
      const table = document.createElement("table");
      table.className = "keys";
      for (const [key, does] of keys) {
        const row = table.insertRow(), cap = document.createElement("kbd");
        cap.textContent = key;
        row.insertCell().append(cap);
        row.insertCell().textContent = does;
      }
      const form = document.createElement("form"), button = document.createElement("button");
      form.method = "dialog";
      button.textContent = "Close";
      form.append(button);
      dialog.append(table, form);
      document.body.append(dialog);
    }
    dialog.showModal();
  }

  const chosen = () => one("[data-row].here, [data-proposal].here");
  function choose(element) {
    for (const other of all(".here")) other.classList.remove("here");
    element.classList.add("here");
    element.scrollIntoView({ block: "nearest" });
    const target = element.matches("[data-row]") ? one("[data-open]", element) : element;
    target.focus({ preventScroll: true });
  }
  function step(by) {
    const list = all("[data-row], [data-proposal]");
    if (!list.length) return;
    const at = list.indexOf(chosen());
    choose(list[Math.max(0, Math.min(list.length - 1, at < 0 ? (by > 0 ? 0 : list.length - 1) : at + by))]);
  }
  function press(element) {
    if (!element) return false;
    if (element.matches("input:not([type=checkbox]), textarea, select")) { element.focus(); if (element.select) element.select(); } else element.click();
    return true;
  }

  const acts = {
    "?": help,
    j: () => step(1), k: () => step(-1), ArrowDown: null, ArrowUp: null,
    x: () => { const box = chosen() && one('input[type="checkbox"]', chosen()); if (box) box.checked = !box.checked; },
    o: () => chosen() && press(one("[data-open]", chosen())),
    a: () => press(one("[data-accept]", one("[data-proposal].here") || document)),
    t: () => press(one("[data-pay]")),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
    const typing = event.target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");
    if (event.key === "Escape" && typing) return void event.target.blur();
    if (typing) return;
    if (/^[1-9]$/.test(event.key)) {
      const proposal = one(`[data-proposal="${event.key}"]`);
      if (proposal) { event.preventDefault(); choose(proposal); }
      return;
    }
    const act = acts[event.key];
    if (act) { event.preventDefault(); act(); return; }
    if (event.key.length !== 1) return;
    const target = all("[data-key]").find((element) => element.dataset.key === event.key);
    if (target) { event.preventDefault(); press(target); }
  });

  // Who else is here -----------------------------------------------------------------------------------------------

  let beat = 0;
  async function attend(element) {
    const token = one('meta[name="form-token"]');
    try {
      const answer = await fetch(element.dataset.attend, { method: "POST", credentials: "same-origin", body: new URLSearchParams({ form_token: token ? token.content : "" }) });
      if (!answer.ok) return;
      const { present } = await answer.json(), notice = one("[data-present]");
      if (!notice) return;
      notice.hidden = present.length === 0;
      notice.textContent = present.join(", ") + (present.length === 1 ? " has" : " have") + " this case open too.";
    } catch { /* the next beat tries again */ }
  }

  // The page of a job: how far it is, as the server says it ---------------------------------------------------------

  let watched = [];
  function watch(place) {
    const events = new EventSource(place.dataset.job);
    watched.push(events);
    events.onmessage = (event) => {
      const job = JSON.parse(event.data), bar = one("progress", place);
      if (job.ended) {
        events.close();
        load(new URL(location.href), { method: "GET" }, false);
        return;
      }
      one("[data-stage]", place).textContent = job.stage || "starting";
      if (job.total > 0) {
        bar.max = job.total;
        bar.value = job.done;
      } else bar.removeAttribute("value");
    };
  }

  function begin() {
    for (const events of watched) events.close();
    watched = [];
    for (const place of all("[data-job]")) watch(place);
    for (const form of all("[data-table]")) sum(form);
    clearInterval(beat);
    const element = one("[data-attend]");
    if (element) beat = setInterval(() => attend(element), 30000);
    const first = one("[data-proposal]");
    if (first) first.classList.add("here");
  }
  begin();
})();
