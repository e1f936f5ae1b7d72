// Small help for readers; without it every page still reads in full.
"use strict";
// A number or a term opens its card on hover, focus or tap; Escape closes it.
// Numbers that say the same share a card, which knows the button that opened it.
const opened = new Map();
for (const button of document.querySelectorAll(".opens > button")) {
  const card = button.popoverTargetElement;
  if (!card || !card.showPopover) continue;
  const isOpen = () => card.matches(":popover-open");
  if (!opened.has(card)) {
    const made = { by: null, pinned: false, timer: 0 };
    made.later = (action, wait) => { clearTimeout(made.timer); made.timer = setTimeout(action, wait); };
    made.hide = () => { if (!made.pinned && isOpen()) card.hidePopover(); };
    card.addEventListener("toggle", (e) => { if (e.newState === "closed" && !isOpen()) { made.pinned = false; clearTimeout(made.timer); } });
    card.addEventListener("pointerenter", () => clearTimeout(made.timer));
    card.addEventListener("pointerleave", () => made.later(made.hide, 250));
    opened.set(card, made);
  }
  const state = opened.get(card);
  const show = () => {
    if (isOpen() && state.by !== button) card.hidePopover();
    if (!isOpen()) card.showPopover({ source: button });
    if (state.by !== button) state.pinned = false;
    state.by = button;
  };
  const mine = (wait) => { if (state.by === button) state.later(state.hide, wait); };
  button.parentElement.addEventListener("pointerenter", (e) => { if (e.pointerType === "mouse") state.later(show, 150); });
  button.parentElement.addEventListener("pointerleave", () => { if (isOpen()) mine(250); else clearTimeout(state.timer); });
  button.addEventListener("focus", () => { if (button.matches(":focus-visible")) show(); });
  button.addEventListener("blur", () => { if (state.by === button) { state.pinned = false; mine(50); } });
  button.addEventListener("click", (e) => {
    e.preventDefault();
    clearTimeout(state.timer);
    const close = isOpen() && state.pinned && state.by === button;
    if (close) { card.hidePopover(); return; }
    show();
    state.pinned = true;
  });
}
// A column heading sorts its table: up, down, and back to the order of the author.
const narrow = matchMedia("(max-width: 44rem)").matches; // where a table reads as a list
for (const table of narrow ? [] : document.querySelectorAll("table[data-sort]")) {
  const body = table.tBodies[0], original = [...body.rows];
  if (original.length < 3) continue;
  const value = (row, i) => {
    const cell = row.cells[i], number = cell.dataset.value;
    return number !== undefined ? Number(number) : cell.textContent.trim();
  };
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, i) => {
    const button = document.createElement("button");
    button.type = "button"; button.className = "sort"; button.textContent = head.textContent;
    button.title = table.dataset.sort;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const next = { ascending: "descending", descending: "none" }[head.getAttribute("aria-sort")] || "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      const rows = [...original];
      if (next !== "none") {
        head.setAttribute("aria-sort", next);
        const sign = next === "ascending" ? 1 : -1;
        rows.sort((a, b) => {
          const x = value(a, i), y = value(b, i);
          if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1;
          return sign * (typeof x === "number" ? x - y : collator.compare(x, y));
        });
      }
      body.replaceChildren(...rows);
    });
  });
}
// Paper shows everything.
addEventListener("beforeprint", () => { for (const d of document.querySelectorAll("details.fold")) d.open = true; });
// Search over every cuaderno, inside the index.
const box = document.querySelector("#buscar");
if (box) {
  const entries = JSON.parse(document.querySelector("#textos").textContent);
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const places = entries.map((entry) => fold(entry.title + " " + entry.section + " " + entry.text));
  const list = document.querySelector("#resultados"), status = document.querySelector("#cuantos");
  box.closest("[hidden]")?.removeAttribute("hidden");
  box.addEventListener("input", () => {
    const words = fold(box.value).split(/\s+/).filter((w) => w.length > 1);
    list.replaceChildren();
    if (!words.length) { status.textContent = ""; return; }
    const hits = entries.filter((_, i) => words.every((w) => places[i].includes(w)));
    status.textContent = (hits.length === 1 ? status.dataset.one : status.dataset.other).replace("#", hits.length);
    for (const hit of hits.slice(0, 30)) {
      const item = document.createElement("li"), link = document.createElement("a"), text = document.createElement("p");
      link.href = hit.href; link.textContent = hit.section ? hit.title + " › " + hit.section : hit.title;
      const at = Math.max(0, fold(hit.text).indexOf(words[0]) - 60);
      text.textContent = (at ? "… " : "") + hit.text.slice(at, at + 180) + (hit.text.length > at + 180 ? " …" : "");
      item.append(link, text); list.append(item);
    }
  });
}
