"use strict";
(() => {
  const find = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const one = (id) => document.getElementById(id);
  const fields = find("fieldset.decide");
  const made = new Map();      // fieldset -> {points, comment}
  const history = [];          // [fieldset, decision before]
  const comments = new Map();  // "why" -> the last comment that was written for it
  const title = document.title;
  let taken = true;

  const parts = (field) => ({
    points: field.querySelector("input[type=number]"),
    comment: field.querySelector("input[type=text]"),
    state: field.querySelector(".state"),
  });
  const why = (field) => field.dataset.criterion + "\n" + field.querySelector("p").textContent;
  const most = (field) => Number(field.dataset.max);
  const waiting = () => find("section[aria-labelledby=waits] fieldset.decide").filter((f) => !made.has(f));

  function show(field) {
    const decision = made.get(field);
    const { points, comment, state } = parts(field);
    points.value = decision ? decision.points : "";
    if (decision || !comment.value) comment.value = decision ? decision.comment : "";
    state.textContent = decision ? decision.points + " of " + most(field) : "";
    field.classList.toggle("done", Boolean(decision));
  }

  function report() {
    const open = waiting().length;
    document.title = (open ? "(" + open + ") " : "") + title;
    one("said").textContent = made.size + " decided" + (taken ? "" : ", not downloaded yet") + "; " + open + " open";
    one("download").disabled = made.size === 0;
    one("undo").disabled = history.length === 0;
  }

  function decide(field, points) {
    const { comment } = parts(field);
    const before = made.get(field) || null;
    if (points === null) {
      if (!before) return;
      made.delete(field);
    } else {
      if (!Number.isFinite(points) || points < 0 || points > most(field)) {
        parts(field).state.textContent = "0 to " + most(field) + " points";
        return;
      }
      made.set(field, { points, comment: comment.value.trim() });
      if (comment.value.trim()) comments.set(why(field), comment.value.trim());
    }
    history.push([field, before]);
    taken = false;
    show(field);
    report();
  }

  function undo() {
    const last = history.pop();
    if (!last) return;
    const [field, before] = last;
    if (before) made.set(field, before); else made.delete(field);
    taken = false;
    show(field);
    report();
    field.closest(".item").focus();
  }

  function download() {
    const lines = [...made].map(([field, decision]) => JSON.stringify({
      question: field.dataset.question,
      criterion: field.dataset.criterion,
      group: field.dataset.group,
      points: decision.points,
      comment: decision.comment,
      rubric: field.dataset.rubric,
    }) + "\n");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(lines, { type: "application/x-ndjson" }));
    link.download = "decisions.jsonl";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    taken = true;
    report();
  }

  for (const field of fields) {
    const { points, comment } = parts(field);
    field.querySelector(".controls").hidden = false;
    field.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      const what = button && button.dataset.do;
      if (what === "full") decide(field, most(field));
      if (what === "none") decide(field, 0);
      if (what === "clear") decide(field, null);
    });
    points.addEventListener("change", () => points.value === "" ? decide(field, null) : decide(field, Number(points.value)));
    comment.addEventListener("change", () => { if (made.has(field)) decide(field, made.get(field).points); });
    comment.addEventListener("focus", () => {
      if (!comment.value && comments.has(why(field))) comment.value = comments.get(why(field));
    });
  }

  const items = () => find("article.item").filter((a) => a.offsetParent !== null);
  function move(from, by) {
    const all = items();
    const next = all[Math.max(0, Math.min(all.length - 1, all.indexOf(from) + by))];
    if (next) next.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (!one("keys").checked || event.ctrlKey || event.altKey || event.metaKey) return;
    const item = event.target.closest && event.target.closest("article.item");
    if (!item) return;
    if (event.target.matches("input, select, textarea")) {
      if (event.key === "Escape" || (event.key === "Enter" && event.target.type !== "checkbox")) item.focus();
      return;
    }
    const open = find("fieldset.decide", item);
    const field = event.target.closest("fieldset.decide") || open.find((f) => !made.has(f)) || open[0];
    const done = {
      j: () => move(item, 1),
      k: () => move(item, -1),
      1: () => decide(field, most(field)),
      2: () => parts(field).points.focus(),
      3: () => decide(field, 0),
      u: () => decide([...open].reverse().find((f) => made.has(f)) || field, null),
      c: () => parts(field).comment.focus(),
      z: undo,
    }[event.key];
    if (done) { event.preventDefault(); done(); }
  });

  function filter() {
    for (const item of find("section[aria-labelledby=waits] article.item"))
      item.hidden = Boolean(one("which").value) && item.dataset.question !== one("which").value;
  }
  function asked() {  // report.html links to one question: review.html#q=2.2.3
    const question = new URLSearchParams(location.hash.slice(1)).get("q");
    if (!Array.from(one("which").options).some((option) => option.value === question)) return;
    one("which").value = question;
    filter();
  }
  one("which").addEventListener("change", filter);
  window.addEventListener("hashchange", asked);
  asked();
  one("download").addEventListener("click", download);
  one("undo").addEventListener("click", undo);
  window.addEventListener("beforeunload", (event) => { if (!taken) event.preventDefault(); });
  one("bar").hidden = false;
  report();
})();
