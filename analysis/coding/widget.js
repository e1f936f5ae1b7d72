// The coding widget. One ES module, no build and no network.
// Text of documents, codes and memos only ever becomes text nodes.
// Offsets that travel are Unicode code points; the browser counts UTF-16 units.

const ANSWER_WITHIN = 8000; // ms; a kernel that says nothing for longer is gone

export function toPoints(text, units) {
  let points = 0;
  for (let at = 0; at < units; points++) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return points;
}

export function toUnits(text, points) {
  let at = 0;
  for (let n = 0; n < points && at < text.length; n++) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return at;
}

export function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

// Trim spaces at both ends and never split a surrogate pair; null when nothing is left.
export function tidy(text, start, end) {
  const low = (unit) => unit >= 0xdc00 && unit <= 0xdfff;
  if (low(text.charCodeAt(start))) start--;
  if (low(text.charCodeAt(end))) end++;
  while (start < end && /\s/.test(text[start])) start++;
  while (end > start && /\s/.test(text[end - 1])) end--;
  return start < end ? [start, end] : null;
}

export function sentenceAt(text, at) {
  let start = at;
  while (start > 0 && text[start - 1] !== "\n" && !/[.!?…]\s/.test(text.slice(start - 2, start))) start--;
  let end = at;
  while (end < text.length && text[end] !== "\n") {
    end++;
    if (/[.!?…]/.test(text[end - 1]) && (end === text.length || /\s/.test(text[end]))) break;
  }
  return tidy(text, start, end);
}

// Pieces of a text between the ends of its marks, each with the marks that cover it.
export function pieces(length, marks) {
  const cuts = [...new Set([0, length, ...marks.flatMap((m) => [m.from, m.to])])]
    .filter((cut) => cut >= 0 && cut <= length)
    .sort((a, b) => a - b);
  return cuts.slice(0, -1).map((from, n) => {
    const to = cuts[n + 1];
    return { from, to, marks: marks.filter((m) => m.from <= from && to <= m.to) };
  });
}

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

let count = 0;

function render({ model, el }) {
  const own = `cua-${++count}`;
  const labels = model.get("labels");
  const setup = model.get("setup");
  const say = (key, values = {}) =>
    (labels[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const byCode = new Map(setup.codebook.map((code) => [code.code, code]));
  const nameOf = (code) => byCode.get(code)?.name ?? code;
  const colorOf = (code) => byCode.get(code)?.color ?? "#808080";

  let range = null; // selection in UTF-16 units
  let lastCode = null;
  let chosen = 0; // option of the list of codes
  let options = [];
  let filter = "";
  let onlyEmpty = false;
  let comparing = setup.compare.length > 0;
  let onlyDisputed = true;
  let after = null; // what to focus once the answer is drawn
  const asked = new Map();
  let number = 0;

  // Asking ------------------------------------------------------------------------------------

  function ask(message, then) {
    const id = ++number;
    const timer = setTimeout(() => {
      asked.delete(id);
      tell(say("no_answer"), true);
    }, ANSWER_WITHIN);
    asked.set(id, { timer, then });
    root.dataset.busy = "true";
    model.send({ id, ...message });
  }

  function answered(reply) {
    const waiting = asked.get(reply?.id);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    asked.delete(reply.id);
    if (!asked.size) delete root.dataset.busy;
    if (!reply.ok) return tell(reply.error, true);
    waiting.then?.(reply.done);
  }

  function tell(words, alarm = false) {
    status.textContent = "";
    status.classList.toggle("cua-alarm", alarm);
    // an emptied region that is filled again is read again
    requestAnimationFrame(() => (status.textContent = words));
  }

  // The frame ---------------------------------------------------------------------------------

  const status = make("p", { class: "cua-status", role: "status", "aria-live": "polite" });
  const picker = make("select", { id: `${own}-doc`, onchange: () => open(picker.value) });
  const empty = make("input", {
    type: "checkbox",
    onchange: () => ((onlyEmpty = empty.checked), drawDocuments()),
  });
  const blind = make("input", {
    type: "checkbox",
    onchange: () =>
      ask({ ask: "blind", on: blind.checked }, () =>
        tell(say(blind.checked ? "blind_on" : "blind_off"))),
  });
  const read = make("input", { type: "checkbox", onchange: () => markRead(read.checked) });
  const previous = make("button", { type: "button", onclick: () => step(-1) }, say("previous"));
  const next = make("button", { type: "button", onclick: () => step(1) }, say("next"));
  const undo = make("button", { type: "button", onclick: () => back("undo") }, say("undo"));
  const redo = make("button", { type: "button", onclick: () => back("redo") }, say("redo"));
  const mode = make(
    "button",
    { type: "button", onclick: () => ((comparing = !comparing), draw()) },
  );
  const help = make(
    "details",
    { class: "cua-help" },
    make("summary", {}, say("keys")),
    make("dl", {}, ...labels.keys_list.flatMap(([keys, what]) => [
      make("dt", {}, make("kbd", {}, keys)),
      make("dd", {}, what),
    ])),
  );

  const text = make("div", {
    class: "cua-text",
    id: `${own}-text`,
    role: "textbox",
    contenteditable: "true",
    "aria-multiline": "true",
    "aria-readonly": "true",
    "aria-describedby": `${own}-hint`,
    inputmode: "none",
    spellcheck: "false",
    tabindex: "0",
  });
  // A caret without writing: the browser moves and selects by its own keys, and nothing is edited.
  for (const name of ["beforeinput", "paste", "cut", "drop", "dragstart"])
    text.addEventListener(name, (event) => event.preventDefault());
  text.addEventListener("compositionend", () => drawText());
  text.addEventListener("keydown", textKeys);
  const onSelection = () => {
    const selection = el.getRootNode().getSelection?.() ?? document.getSelection();
    if (!selection.rangeCount) return;
    const found = selection.getRangeAt(0);
    if (!text.contains(found.startContainer) || !text.contains(found.endContainer)) return;
    const whole = model.get("document").text;
    range = tidy(whole, offsetOf(found.startContainer, found.startOffset), offsetOf(found.endContainer, found.endOffset));
    drawChosen();
  };
  document.addEventListener("selectionchange", onSelection);

  const search = make("input", {
    type: "text",
    id: `${own}-search`,
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    "aria-expanded": "true",
    "aria-controls": `${own}-codes`,
    "aria-autocomplete": "list",
    placeholder: say("search_placeholder"),
    oninput: () => ((chosen = 0), drawCodes()),
    onkeydown: searchKeys,
  });
  const codes = make("ul", {
    class: "cua-codes",
    id: `${own}-codes`,
    role: "listbox",
    tabindex: "0", // it scrolls
    "aria-label": say("codebook"),
    onkeydown: searchKeys,
  });
  const about = make("p", { class: "cua-about", id: `${own}-about` });
  const quote = make("p", { class: "cua-quote", tabindex: "0", role: "group", "aria-label": say("selection") });
  const filterBox = make("select", { id: `${own}-filter`, onchange: () => ((filter = filterBox.value), drawMarks()) });
  const list = make("ol", { class: "cua-marks" });

  const coding = make(
    "div",
    { class: "cua-work" },
    make(
      "div",
      { class: "cua-reading" },
      make("p", { class: "cua-hint", id: `${own}-hint` }, say("text_hint")),
      text,
    ),
    make(
      "div",
      { class: "cua-side" },
      make("h3", {}, say("selection")),
      quote,
      make("label", { for: `${own}-search` }, say("search")),
      search,
      codes,
      about,
    ),
    make(
      "div",
      { class: "cua-list" },
      make("h3", {}, say("segments")),
      make("label", { for: `${own}-filter` }, say("filter")),
      " ",
      filterBox,
      list,
    ),
  );
  const comparison = make("div", { class: "cua-compare" });

  const root = make(
    "section",
    {
      class: "cua",
      lang: setup.lang,
      "aria-label": say("title", { corpus: setup.corpus }),
      "data-lm-suppress-shortcuts": "true", // JupyterLab's own keys stay out
    },
    make(
      "header",
      { class: "cua-head" },
      make("h2", {}, say("title", { corpus: setup.corpus })),
      make("p", {}, say("who", { coder: setup.coder, version: setup.version })),
    ),
    make(
      "div",
      { class: "cua-bar" },
      make("span", { class: "cua-group" },
        previous,
        make("label", { for: `${own}-doc`, class: "cua-visually-hidden" }, say("document")),
        picker,
        next),
      make("span", { class: "cua-group" }, undo, redo),
      make("label", {}, read, " ", say("read")),
      make("label", {}, empty, " ", say("only_empty")),
      make("label", {}, blind, " ", say("blind")),
      mode,
    ),
    status,
    coding,
    comparison,
    help,
  );
  root.addEventListener("keydown", keys);
  el.append(root);

  // Offsets -------------------------------------------------------------------------------------

  function offsetOf(node, offset) {
    const before = document.createRange();
    before.setStart(text, 0);
    before.setEnd(node, offset);
    return before.toString().length;
  }

  function pointAt(units) {
    const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    let last = null;
    while (walker.nextNode()) {
      last = walker.currentNode;
      if (units <= last.length) return [last, units];
      units -= last.length;
    }
    return last ? [last, last.length] : [text, 0];
  }

  function select(start, end, focus = true) {
    const selection = el.getRootNode().getSelection?.() ?? document.getSelection();
    if (focus) text.focus({ preventScroll: true });
    const [from, to] = [pointAt(start), pointAt(end)];
    selection.setBaseAndExtent(from[0], from[1], to[0], to[1]);
    const box = (to[0].parentElement ?? text).getBoundingClientRect();
    const frame = text.getBoundingClientRect();
    if (box.top < frame.top || box.bottom > frame.bottom)
      text.scrollTop += box.top - frame.top - frame.height / 3;
  }

  // Doing ---------------------------------------------------------------------------------------

  function open(id) {
    range = null;
    ask({ ask: "open", document: id }, () => {
      tell(say("opened", { title: model.get("document").title }));
      text.scrollTop = 0;
    });
  }

  function shown() {
    const current = model.get("document").id;
    return model.get("documents").filter((d) => !onlyEmpty || !(d.codings || d.read) || d.id === current);
  }

  function step(by) {
    const all = shown();
    const at = all.findIndex((d) => d.id === model.get("document").id) + by;
    if (all[at]) open(all[at].id);
    else tell(say(by > 0 ? "no_next" : "no_previous"));
  }

  function back(what) {
    ask({ ask: what }, (done) => tell(say(done ? `${what}_done` : `${what}_nothing`)));
  }

  function give(code) {
    if (!range) return tell(say("select_first"), true);
    const { id, text: whole } = model.get("document");
    const [start, end] = range.map((unit) => toPoints(whole, unit));
    const same = ownMarks().filter((m) => m.start === start && m.end === end && m.code === code);
    lastCode = code;
    if (same.length) return take(same.map((m) => m.guid), code);
    ask({ ask: "code", document: id, start, end, codes: [code] }, () =>
      tell(say("given", { code: nameOf(code), n: end - start })));
  }

  function take(guids, code) {
    ask({ ask: "remove", guids }, () => tell(say("taken", { code: nameOf(code) })));
  }

  function markRead(on) {
    ask({ ask: "read", document: model.get("document").id, on }, () =>
      tell(say(on ? "read_on" : "read_off")));
  }

  const ownMarks = () => model.get("marks").filter((mark) => mark.own);

  // Keys ----------------------------------------------------------------------------------------

  function keys(event) {
    const command = event.ctrlKey || event.metaKey;
    const writing = event.target.matches("input[type=text], textarea");
    if (command && event.key.toLowerCase() === "s") {
      event.preventDefault();
      tell(say("saved_already"));
    } else if (command && !writing && event.key.toLowerCase() === "z") {
      event.preventDefault();
      back(event.shiftKey ? "redo" : "undo");
    } else if (command && !writing && event.key.toLowerCase() === "y") {
      event.preventDefault();
      back("redo");
    } else if (event.altKey && event.key.toLowerCase() === "l") {
      event.preventDefault();
      markRead(!read.checked);
    } else if (event.altKey && (event.key === "PageDown" || event.key === "PageUp")) {
      event.preventDefault();
      after = "text";
      step(event.key === "PageDown" ? 1 : -1);
    }
  }

  function textKeys(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      const whole = model.get("document").text;
      if (!range) {
        const selection = el.getRootNode().getSelection?.() ?? document.getSelection();
        const at = selection.focusNode && text.contains(selection.focusNode)
          ? offsetOf(selection.focusNode, selection.focusOffset) : 0;
        const found = sentenceAt(whole, at);
        if (!found) return tell(say("select_first"), true);
        select(...found);
        range = found;
        drawChosen();
      }
      if ((event.ctrlKey || event.metaKey) && lastCode) return give(lastCode);
      search.focus();
      search.select();
    } else if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      jump(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Backspace" || event.key === "Delete") {
      event.preventDefault();
      const whole = model.get("document").text;
      if (!range) return;
      const [start, end] = range.map((unit) => toPoints(whole, unit));
      const found = ownMarks().filter((m) => m.start === start && m.end === end);
      if (found.length) take(found.map((m) => m.guid), found[0].code);
    }
  }

  function jump(by) {
    const whole = model.get("document").text;
    const places = [...new Map(model.get("marks").map((m) => [`${m.start}-${m.end}`, m])).values()];
    if (!places.length) return tell(say("no_segments"));
    const here = range ? toPoints(whole, range[0]) : by > 0 ? -1 : Infinity;
    const end = range ? toPoints(whole, range[1]) : -1;
    const order = by > 0 ? places : [...places].reverse();
    const found = order.find((m) =>
      by > 0 ? m.start > here || (m.start === here && m.end > end)
             : m.start < here || (m.start === here && m.end < end)) ?? order[0];
    select(toUnits(whole, found.start), toUnits(whole, found.end));
    const given = model.get("marks").filter((m) => m.start === found.start && m.end === found.end);
    tell(say("at_segment", { codes: given.map((m) => nameOf(m.code)).join(", ") }));
  }

  function searchKeys(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (options[chosen]?.codable) give(options[chosen].code);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      search.value = "";
      chosen = 0;
      drawCodes();
      if (range) select(...range);
      else text.focus();
    }
  }

  function move(by) {
    for (let at = chosen + by; options[at]; at += by)
      if (options[at].codable) {
        chosen = at;
        return drawCodes();
      }
  }

  // Drawing -------------------------------------------------------------------------------------

  function drawDocuments() {
    const current = model.get("document").id;
    picker.replaceChildren(
      ...shown().map((d) =>
        make(
          "option",
          { value: d.id, selected: d.id === current },
          `${d.codings ? "●" : d.read ? "◐" : "○"} ${d.title}${d.codings ? ` (${d.codings})` : ""}`,
        )),
    );
    const all = shown();
    const at = all.findIndex((d) => d.id === current);
    read.checked = Boolean(model.get("documents").find((d) => d.id === current)?.read);
    previous.disabled = at <= 0;
    next.disabled = at >= all.length - 1;
  }

  function drawState() {
    const state = model.get("state");
    undo.disabled = !state.undo;
    redo.disabled = !state.redo;
    blind.checked = state.blind;
    mode.hidden = !setup.compare.length;
    mode.textContent = say(comparing ? "to_coding" : "to_comparison");
    coding.hidden = comparing;
    comparison.hidden = !comparing;
  }

  function drawText() {
    const { text: whole, title } = model.get("document");
    text.setAttribute("aria-label", say("text_of", { title }));
    const marks = model.get("marks").map((mark) => ({
      ...mark,
      from: toUnits(whole, mark.start),
      to: toUnits(whole, mark.end),
    }));
    const kept = range && document.activeElement === text ? [...range] : null;
    text.replaceChildren(
      ...pieces(whole.length, marks).map((piece) => {
        const words = whole.slice(piece.from, piece.to);
        if (!piece.marks.length) return document.createTextNode(words);
        const names = [...new Set(piece.marks.map((m) =>
          m.own ? nameOf(m.code) : `${nameOf(m.code)} (${m.coder})`))];
        const span = make("span", { class: "cua-mark", title: names.join(" · ") }, words);
        const lines = piece.marks.slice(0, 3);
        span.style.backgroundImage = lines
          .map((m) => m.own
            ? `linear-gradient(${colorOf(m.code)},${colorOf(m.code)})`
            : `repeating-linear-gradient(90deg,${colorOf(m.code)} 0 4px,transparent 4px 7px)`)
          .join(",");
        span.style.backgroundPosition = lines.map((_, n) => `0 calc(100% - ${n * 4}px)`).join(",");
        span.style.backgroundSize = lines.map(() => "100% 3px").join(",");
        span.style.paddingBottom = `${4 * lines.length - 2}px`; // the lines stand below the letters
        span.classList.toggle("cua-other", !piece.marks.some((m) => m.own));
        return span;
      }),
    );
    if (kept) select(...kept, false);
  }

  function drawChosen() {
    const { text: whole } = model.get("document");
    quote.textContent = range ? `«${whole.slice(...range)}»` : say("nothing_selected");
    quote.classList.toggle("cua-none", !range);
    drawCodes();
  }

  function drawCodes() {
    const words = fold(search.value).split(/\s+/).filter(Boolean);
    options = setup.codebook.filter((code) => {
      if (!words.length) return true;
      const where = fold(`${code.code} ${code.path} ${code.definition}`);
      return code.codable && words.every((word) => where.includes(word));
    });
    if (!options[chosen]?.codable) chosen = Math.max(0, options.findIndex((o) => o.codable));
    const { text: whole } = model.get("document");
    const [start, end] = range ? range.map((unit) => toPoints(whole, unit)) : [-1, -1];
    const given = new Set(ownMarks().filter((m) => m.start === start && m.end === end).map((m) => m.code));
    codes.replaceChildren(
      ...options.map((code, at) => {
        const item = make(
          "li",
          {
            id: `${own}-code-${at}`,
            role: "option",
            "aria-selected": String(given.has(code.code)),
            "aria-disabled": code.codable ? null : "true",
            "aria-label": code.path,
            class: at === chosen && code.codable ? "cua-active" : null,
            onmousedown: (event) => event.preventDefault(), // keeps the selection
            onclick: () => code.codable && ((chosen = at), give(code.code)),
          },
          make("span", { class: "cua-dot", "aria-hidden": "true" }),
          words.length ? code.path : code.name,
        );
        item.style.setProperty("--depth", words.length ? 0 : code.depth);
        item.style.setProperty("--code", code.color);
        return item;
      }),
    );
    if (!options.length) codes.append(make("li", { class: "cua-none" }, say("no_codes")));
    const active = options[chosen];
    for (const box of [search, codes])
      if (active?.codable) box.setAttribute("aria-activedescendant", `${own}-code-${chosen}`);
      else box.removeAttribute("aria-activedescendant");
    const item = codes.children[chosen];
    if (item) {
      const [top, bottom] = [item.offsetTop - codes.offsetTop, item.offsetTop - codes.offsetTop + item.offsetHeight];
      if (top < codes.scrollTop) codes.scrollTop = top;
      else if (bottom > codes.scrollTop + codes.clientHeight) codes.scrollTop = bottom - codes.clientHeight;
    }
    about.replaceChildren();
    if (active?.codable) {
      about.append(make("strong", {}, active.path), ` — ${active.definition}`);
      if (active.exclude) about.append(make("br"), make("em", {}, say("not_for")), ` ${active.exclude}`);
    }
  }

  function drawMarks() {
    const { text: whole } = model.get("document");
    const marks = model.get("marks");
    const used = [...new Set(marks.map((m) => m.code))];
    if (filter && !used.includes(filter)) filter = "";
    filterBox.replaceChildren(
      make("option", { value: "" }, say("all_codes")),
      ...used.map((code) => make("option", { value: code, selected: code === filter }, nameOf(code))),
    );
    const kept = marks.filter((m) => !filter || m.code === filter);
    const points = [...whole];
    list.replaceChildren(
      ...kept.map((mark) => {
        const words = points.slice(mark.start, mark.end).join("");
        const short = words.length > 90 ? `${words.slice(0, 88)}…` : words;
        const memo = `${own}-memo-${mark.guid}`;
        const item = make(
          "li",
          { class: mark.own ? "cua-own" : "cua-other" },
          make("span", { class: "cua-dot", "aria-hidden": "true" }),
          make("strong", {}, nameOf(mark.code)),
          mark.own ? "" : ` · ${mark.coder}`,
          " ",
          make(
            "button",
            {
              type: "button",
              class: "cua-goto",
              onclick: () => select(toUnits(whole, mark.start), toUnits(whole, mark.end)),
              "aria-label": say("goto", { code: nameOf(mark.code), text: short }),
            },
            `«${short}»`,
          ),
        );
        item.style.setProperty("--code", colorOf(mark.code));
        if (mark.own) {
          item.append(
            make("label", { class: "cua-visually-hidden", for: memo }, say("memo_of", { code: nameOf(mark.code) })),
            make("input", {
              type: "text",
              id: memo,
              class: "cua-memo",
              value: mark.memo,
              placeholder: say("memo"),
              onchange: (event) =>
                ask({ ask: "note", guids: [mark.guid], memo: event.target.value }, () => tell(say("memo_saved"))),
            }),
            make(
              "button",
              {
                type: "button",
                onclick: () => take([mark.guid], mark.code),
                "aria-label": say("remove_of", { code: nameOf(mark.code), text: short }),
              },
              say("remove"),
            ),
          );
        } else {
          item.append(
            make(
              "button",
              {
                type: "button",
                onclick: () =>
                  ask(
                    { ask: "code", document: model.get("document").id, start: mark.start, end: mark.end, codes: [mark.code] },
                    () => tell(say("given", { code: nameOf(mark.code), n: mark.end - mark.start })),
                  ),
                "aria-label": say("adopt_of", { code: nameOf(mark.code), coder: mark.coder }),
              },
              say("adopt"),
            ),
          );
        }
        return item;
      }),
    );
    if (!kept.length) list.append(make("li", { class: "cua-none" }, say("no_segments")));
  }

  function drawComparison() {
    if (!comparing) return comparison.replaceChildren();
    const all = model.get("passages");
    const disputed = all.filter((p) => p.disputed.length);
    const left = disputed.filter((p) => !p.decided).length;
    const which = make("input", {
      type: "checkbox",
      checked: onlyDisputed,
      onchange: () => ((onlyDisputed = which.checked), drawComparison()),
    });
    const names = setup.compare;
    comparison.replaceChildren(
      make("h3", {}, say("comparison", { coders: names.join(" · ") })),
      make("p", {}, say("comparison_count", { all: all.length, disputed: disputed.length, left })),
      make(
        "p",
        {},
        make("label", {}, which, " ", say("only_disputed")),
        " ",
        make(
          "button",
          { type: "button", onclick: () => ask({ ask: "accept_agreed" }, (done) => tell(say("agreed_done", { n: done }))) },
          say("accept_agreed"),
        ),
      ),
      ...(onlyDisputed ? disputed : all).map((passage) => drawPassage(passage, names)),
    );
  }

  function drawPassage(passage, names) {
    const key = `${own}-${passage.document}-${passage.start}-${passage.end}`;
    const every = [...new Set(names.flatMap((name) => passage.codes[name] ?? []))].sort((a, b) =>
      nameOf(a).localeCompare(nameOf(b)));
    const boxes = every.map((code) =>
      make("input", { type: "checkbox", value: code, checked: passage.accepted.includes(code) }));
    const memo = make("input", { type: "text", id: `${key}-memo`, class: "cua-memo", value: passage.memo });
    const setAll = (wanted) => boxes.forEach((box) => (box.checked = wanted.includes(box.value)));
    return make(
      "article",
      { class: passage.decided ? "cua-passage cua-decided" : "cua-passage", "aria-labelledby": key },
      make("h4", { id: key }, say("passage_at", { title: passage.title, paragraph: passage.paragraph }),
        passage.decided ? ` — ${say("decided")}` : ""),
      make("blockquote", {}, passage.text),
      make(
        "table",
        {},
        make("thead", {}, make("tr", {},
          make("th", { scope: "col" }, say("code")),
          ...names.map((name) => make("th", { scope: "col" }, name)),
          make("th", { scope: "col" }, say("consensus")))),
        make("tbody", {}, ...every.map((code, at) =>
          make("tr", { class: passage.disputed.includes(code) ? "cua-disputed" : null },
            make("th", { scope: "row" }, nameOf(code)),
            ...names.map((name) =>
              make("td", {}, (passage.codes[name] ?? []).includes(code) ? say("yes") : say("no"))),
            make("td", {}, make("label", {}, boxes[at],
              make("span", { class: "cua-visually-hidden" }, say("keep", { code: nameOf(code) })))))),
        ),
      ),
      make("p", { class: "cua-decide" },
        ...names.map((name) => make("button",
          { type: "button", onclick: () => setAll(passage.codes[name] ?? []) }, say("as", { coder: name }))),
        make("label", { for: `${key}-memo` }, say("reason")), memo,
        make("button", {
          type: "button", class: "cua-main",
          onclick: () => ask({
            ask: "decide", document: passage.document, start: passage.start, end: passage.end,
            accepted: boxes.filter((box) => box.checked).map((box) => box.value), memo: memo.value,
          }, () => tell(say("decision_saved"))),
        }, say("decide"))),
    );
  }

  function draw() {
    const held = document.activeElement;
    const memo = held?.id?.startsWith(`${own}-memo`) ? held.id : null;
    drawDocuments();
    drawState();
    drawText();
    drawChosen();
    drawMarks();
    drawComparison();
    if (after === "text") text.focus({ preventScroll: true });
    else if (memo) document.getElementById(memo)?.focus();
    after = null;
  }

  let due = false;
  const redraw = () => {
    if (due) return;
    due = true;
    queueMicrotask(() => ((due = false), draw())); // several parts change at once
  };
  for (const name of ["document", "documents", "marks", "passages", "state"])
    model.on(`change:${name}`, redraw);
  model.on("msg:custom", answered);
  draw();

  return () => {
    document.removeEventListener("selectionchange", onSelection);
    for (const { timer } of asked.values()) clearTimeout(timer);
    for (const name of ["document", "documents", "marks", "passages", "state"])
      model.off(`change:${name}`, redraw);
    model.off("msg:custom", answered);
  };
}

export default { render };
