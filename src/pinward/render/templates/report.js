"use strict";
// Everything from the data becomes a text node: no markup is ever parsed here.
(() => {
  const table = document.getElementById("cases");
  if (!table) return;
  const { statuses: words, cases } = JSON.parse(document.getElementById("data").textContent);
  const body = table.tBodies[0];
  const field = (id) => document.getElementById(id);
  const order = [...new Set(cases.map((entry) => entry.status))]; // cases come sorted, what broke first
  const MAX_CELLS = 1000000; // of the word comparison; larger changes are shown as one replacement
  const BAD = new Set(["regressed", "failed", "unconfirmed", "fell"]), GOOD = new Set(["improved", "rose"]);
  let sortKey = "status", falling = false;

  const element = (name, text, parent) => {
    const made = document.createElement(name);
    if (text !== undefined && text !== null) made.textContent = text;
    if (parent) parent.append(made);
    return made;
  };
  const runs = (side) => (side.runs ? `${side.passes} of ${side.runs} passed` : side.outcome ? side.outcome.replace("_", " ") : "–");
  const share = (side) => (side.runs ? side.passes / side.runs : -1);
  const values = {
    id: (c) => c.id, category: (c) => c.category, task: (c) => c.task, status: (c) => order.indexOf(c.status),
    before: (c) => share(c.baseline), now: (c) => share(c.candidate), delta: (c) => (c.delta === null ? -9 : c.delta),
  };
  const signed = (n) => (n === null ? "–" : (n > 0 ? "+" : "") + n.toFixed(2));

  const rows = cases.map((entry) => ({ entry, row: null, button: null, haystack: null, detail: null, open: false }));
  const haystackOf = (item) => {
    const { id, why, category, baseline, candidate } = item.entry;
    return (item.haystack ??= [id, why, category, baseline.text, candidate.text, candidate.reason].join("\n").toLowerCase());
  };
  const itemOfRow = new WeakMap();
  // Rows are made when they are first shown: building thousands at once would keep the reader waiting.
  const rowOf = (item) => {
    if (item.row) return item.row;
    const entry = item.entry;
    item.row = document.createElement("tr");
    const head = element("th", null, item.row);
    head.scope = "row";
    item.button = element("button", entry.id || "(no name)", head);
    item.button.type = "button";
    item.button.setAttribute("aria-expanded", "false");
    for (const text of [words[entry.status], entry.category || "–", entry.task, runs(entry.baseline), runs(entry.candidate), signed(entry.delta)]) element("td", text, item.row);
    item.row.cells[1].className = BAD.has(entry.status) ? "bad" : GOOD.has(entry.status) ? "good" : "";
    itemOfRow.set(item.row, item);
    return item.row;
  };

  // Outputs

  const tokens = (text) => text.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) || [];
  // JSON is laid out for the eye without touching a value: 1204.50 stays 1204.50.
  const indented = (json) => {
    let depth = 0;
    const line = () => "\n" + "  ".repeat(depth);
    return json.replace(/"(?:\\.|[^"\\])*"|\s+|[{[]\s*[}\]]|[{[]|[}\]]|,|:/gu, (part) => {
      if (/^\s+$/u.test(part)) return "";
      if (part === "{" || part === "[") { depth++; return part + line(); }
      if (part === "}" || part === "]") { depth--; return line() + part; }
      return part === "," ? "," + line() : part === ":" ? ": " : part;
    });
  };
  const layOut = (before, after) => {
    const both = [before, after];
    try {
      if (both.every((text) => typeof JSON.parse(text) === "object")) {
        const laid = both.map(indented);
        if (laid[0] !== laid[1]) return laid;
      }
    } catch { /* not JSON: compared as text */ }
    return both;
  };

  // Longest common subsequence of words between the common beginning and end; null where that is too much work.
  const common = (a, b) => {
    if (a.length * b.length > MAX_CELLS) return [];
    const width = b.length + 1, lengths = new Uint16Array((a.length + 1) * width);
    for (let i = a.length - 1; i >= 0; i--)
      for (let j = b.length - 1; j >= 0; j--)
        lengths[i * width + j] = a[i] === b[j] ? lengths[(i + 1) * width + j + 1] + 1 : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    const pairs = [];
    for (let i = 0, j = 0; i < a.length && j < b.length;) {
      if (a[i] === b[j]) pairs.push([i++, j++]);
      else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) i++;
      else j++;
    }
    return pairs;
  };
  const marked = (all, kept, tag, box) => {
    for (let i = 0; i < all.length;) {
      const same = kept.has(i), start = i;
      while (i < all.length && kept.has(i) === same) i++;
      const text = all.slice(start, i).join("");
      box.append(same ? text : element(tag, text));
    }
  };
  const compare = (before, after, left, right) => {
    const [a, b] = layOut(before, after).map(tokens);
    let start = 0, end = 0;
    while (start < a.length && start < b.length && a[start] === b[start]) start++;
    while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
    const keptA = new Set(), keptB = new Set();
    for (let i = 0; i < start; i++) { keptA.add(i); keptB.add(i); }
    for (let i = 1; i <= end; i++) { keptA.add(a.length - i); keptB.add(b.length - i); }
    for (const [i, j] of common(a.slice(start, a.length - end), b.slice(start, b.length - end))) { keptA.add(start + i); keptB.add(start + j); }
    marked(a, keptA, "del", left);
    marked(b, keptB, "ins", right);
  };

  // Trees: JSON, and tool calls, compared by path and not by line. Numbers stay as they were written.

  const MAX_CHANGES = 100;
  const parsed = (text) => {
    try {
      const value = JSON.parse(text, (_, found, context) => (typeof found === "number" && context ? { written: context.source } : found));
      return typeof value === "object" && value !== null ? value : undefined;
    } catch { return undefined; }
  };
  // An answer with tool calls is its text, then the calls as one JSON list on lines of its own.
  const treeOf = (text) => {
    const whole = parsed(text), at = text.lastIndexOf("\n[\n");
    if (whole !== undefined || at < 0) return whole;
    const calls = parsed(text.slice(at + 1));
    return Array.isArray(calls) ? { text: text.slice(0, at), calls } : undefined;
  };
  const isTree = (value) => typeof value === "object" && value !== null && !("written" in value);
  const opened = (value) => (typeof value === "string" ? parsed(value) ?? value : value); // arguments are JSON in a string
  const plain = (value) => (value && value.written !== undefined ? value.written : JSON.stringify(value, (_, part) => (part && part.written !== undefined ? Number(part.written) : part)));
  const keysOf = (value) => (Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value));
  const below = (path, key) => (typeof key === "number" ? `${path}[${key}]` : /^[\p{L}_][\p{L}\p{N}_]*$/u.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`);
  // Which elements of two lists belong together: the same ones in order, and between them each with its neighbour.
  const matched = (a, b) => {
    const anchors = [...common(a.map(plain), b.map(plain)), [a.length, b.length]], pairs = [];
    let i = 0, j = 0;
    for (const [toA, toB] of anchors) {
      while (i < toA || j < toB) pairs.push([i < toA ? i++ : undefined, j < toB ? j++ : undefined]);
      if (toA < a.length) pairs.push([i++, j++]);
    }
    return pairs;
  };
  const changes = (before, after, path, found) => {
    const [a, b] = [opened(before), opened(after)];
    if (found.length > MAX_CHANGES || plain(a) === plain(b)) return found;
    if (!isTree(a) || !isTree(b) || Array.isArray(a) !== Array.isArray(b)) {
      found.push([path, a === undefined ? undefined : plain(a), b === undefined ? undefined : plain(b)]);
      return found;
    }
    const pairs = Array.isArray(a) ? matched(a, b) : [...new Set([...keysOf(a), ...keysOf(b)])].map((key) => [key, key]);
    for (const [i, j] of pairs) changes(i === undefined ? undefined : a[i], j === undefined ? undefined : b[j], below(path, i ?? j), found);
    return found;
  };
  const showTree = (before, after, cell) => {
    const [a, b] = [before, after].map(treeOf);
    const found = a === undefined || b === undefined ? [] : changes(a, b, "$", []);
    if (!found.length) return;
    const made = element("table", null, cell);
    made.className = "tree";
    element("caption", "What changed, by path", made);
    const head = element("tr", null, element("thead", null, made));
    for (const title of ["Path", "Baseline", "Candidate"]) element("th", title, head).scope = "col";
    const rowsOf = element("tbody", null, made);
    for (const [path, was, is] of found.slice(0, MAX_CHANGES)) {
      const row = element("tr", null, rowsOf), name = element("th", null, row);
      name.scope = "row";
      element("code", path, name);
      for (const [tag, value] of [["del", was], ["ins", is]]) element(value === undefined ? "span" : tag, value === undefined ? "absent" : value, element("td", null, row));
    }
    if (found.length > MAX_CHANGES) element("p", "and more", cell);
  };

  // A hidden column that a cell still spans would take its share of the width.
  const columns = () => [...table.tHead.rows[0].cells].filter((cell) => cell.offsetParent).length || 7;
  const said = (sentence, box) => element("p", null, box).append(...sentence.split("`").map((part, n) => (n % 2 ? element("code", part) : part)));
  const details = (entry) => {
    const row = document.createElement("tr"), cell = element("td", null, row);
    row.className = "detail";
    cell.colSpan = columns();
    if (entry.why) said(entry.why, cell);
    const before = entry.baseline.text, after = entry.candidate.text;
    const both = typeof before === "string" && typeof after === "string";
    if (both) showTree(before, after, cell);
    const sides = element("div", null, cell), boxes = {};
    sides.className = "sides";
    for (const [name, side] of [["Baseline", entry.baseline], ["Candidate", entry.candidate]]) {
      const box = element("div", null, sides);
      element("h3", `${name}: ${runs(side)}${side.seconds ? `, ${side.seconds} s` : ""}`, box);
      if (side.reason && side.reason !== entry.why) said(side.reason, box);
      boxes[name] = element("pre", null, box);
      boxes[name].tabIndex = 0;
      boxes[name].setAttribute("aria-label", `Output of the ${name.toLowerCase()} for ${entry.id}`);
      boxes[name].setAttribute("role", "region");
    }
    if (both) compare(before, after, boxes.Baseline, boxes.Candidate);
    else for (const [box, text] of [[boxes.Baseline, before], [boxes.Candidate, after]])
      box.textContent = typeof text === "string" ? text : "(no output here: there was none, or the policy keeps it on the runner)";
    return row;
  };
  const toggle = (item, open) => {
    if (open === item.open) return;
    item.open = open;
    rowOf(item);
    item.button.setAttribute("aria-expanded", String(open));
    item.row.classList.toggle("open", open);
    if (open) item.row.after(item.detail ||= details(item.entry));
    else item.detail.remove();
  };

  // Table

  const FIRST_ROWS = 100, MORE_ROWS = 200;
  const whenIdle = window.requestIdleCallback || ((work) => setTimeout(work, 50));
  let visible = rows, shown = 0, pending = 0;
  const showMore = (number) => {
    const next = visible.slice(shown, shown + number);
    shown += next.length;
    body.append(...next.flatMap((item) => (item.open ? [rowOf(item), item.detail] : [rowOf(item)])));
  };
  const showRest = () => {
    const mine = ++pending;
    const step = () => {
      if (mine !== pending || shown >= visible.length) return;
      showMore(MORE_ROWS);
      whenIdle(step);
    };
    whenIdle(step);
  };
  const filter = () => {
    const wanted = field("search").value.trim().toLowerCase();
    const [status, category, task] = ["status", "category", "task"].map((id) => field(id).value);
    visible = rows.filter((item) =>
      (!status || item.entry.status === status) && (!category || item.entry.category === category) &&
      (!task || item.entry.task === task) && (!wanted || haystackOf(item).includes(wanted)));
    const value = values[sortKey], way = falling ? -1 : 1;
    visible.sort((a, b) => {
      const x = value(a.entry), y = value(b.entry);
      return way * (x < y ? -1 : x > y ? 1 : 0);
    });
    body.replaceChildren();
    shown = 0;
    showMore(FIRST_ROWS);
    showRest();
    field("shown").textContent = `${visible.length} of ${rows.length} cases`;
  };
  const choices = (id, wordOf) => {
    const found = [...new Set(cases.map((entry) => entry[id]))].filter(Boolean);
    for (const value of found) element("option", wordOf(value), field(id)).value = value;
    field(id).parentElement.hidden = found.length < 2;
  };
  choices("status", (value) => words[value]);
  choices("category", String);
  choices("task", String);
  table.classList.toggle("one-task", field("task").parentElement.hidden);

  field("filters").addEventListener("input", filter);
  field("filters").addEventListener("submit", (event) => event.preventDefault());
  table.tHead.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    falling = button.dataset.sort === sortKey && !falling;
    sortKey = button.dataset.sort;
    for (const head of table.tHead.rows[0].cells) head.removeAttribute("aria-sort");
    button.parentElement.setAttribute("aria-sort", falling ? "descending" : "ascending");
    filter();
  });
  body.addEventListener("click", (event) => {
    const button = event.target.closest("th button");
    if (!button) return;
    const item = itemOfRow.get(button.closest("tr"));
    toggle(item, !item.open);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input, select");
    if (event.key === "Escape") {
      if (typing) return event.target.blur();
      return visible.forEach((item) => toggle(item, false));
    }
    if (typing) return;
    if (event.key === "/") { event.preventDefault(); field("search").focus(); }
    if (event.key !== "j" && event.key !== "k") return;
    const at = visible.findIndex((item) => item.row?.contains(document.activeElement) || item.detail?.contains(document.activeElement));
    const to = Math.max(0, Math.min(visible.length - 1, at + (event.key === "j" ? 1 : -1)));
    if (to >= shown) showMore(to - shown + MORE_ROWS);
    visible[to]?.button.focus();
  });
  window.addEventListener("resize", () => rows.forEach((item) => { if (item.detail) item.detail.cells[0].colSpan = columns(); }));
  window.addEventListener("beforeprint", () => { showMore(visible.length); visible.filter((item) => item.entry.why).slice(0, 100).forEach((item) => toggle(item, true)); });
  filter();
})();
