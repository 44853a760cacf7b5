"use strict";
(() => {
  const pages = new Map();  // a student's id -> the page
  const make = (tag, properties, ...inside) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...inside);
    return element;
  };

  function finder(table, rows) {
    const text = make("input", { type: "search" });
    const status = make("select", {}, make("option", { value: "" }, "all"));
    for (const word of new Set(rows.map((row) => row.cells[3].textContent))) status.append(make("option", {}, word));
    const said = make("span", {});
    said.setAttribute("role", "status");
    const filter = () => {
      const wanted = text.value.trim().toLowerCase();
      for (const row of rows)
        row.hidden = !row.cells[0].textContent.toLowerCase().includes(wanted)
          || Boolean(status.value) && row.cells[3].textContent !== status.value;
      const shown = rows.filter((row) => !row.hidden).length;
      said.textContent = shown < rows.length ? shown + " of " + rows.length : "";
    };
    text.addEventListener("input", filter);
    status.addEventListener("change", filter);
    const tools = make("p", { className: "controls wide tools" },
      make("label", {}, "student", text), make("label", {}, "status", status), said);
    table.closest(".scroll").before(tools);
  }

  function sorter(table, rows) {
    const heads = Array.from(table.tHead.rows[0].cells);
    const value = (row, k) => {
      const found = row.cells[k].textContent.trim();
      const number = found.match(/-?[\d.]+$/);
      return k && number ? Number(number[0]) : k === 3 ? found : k ? -1 : found.toLowerCase();
    };
    heads.forEach((head, k) => {
      const button = make("button", { type: "button", className: "sort" }, ...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up > 0 ? "ascending" : "descending");
        const sorted = rows.map((row) => [value(row, k), row]).sort(([a], [b]) => (a > b) - (a < b));
        table.tBodies[0].append(...(up > 0 ? sorted : sorted.reverse()).map(([, row]) => row));
      });
    });
  }

  for (const table of document.querySelectorAll("table.students")) {
    const rows = Array.from(table.tBodies[0].rows);
    for (const row of rows) {
      const link = row.querySelector("th a");
      if (!pages.has(link.textContent)) pages.set(link.textContent, link.getAttribute("href"));
    }
    finder(table, rows);
    sorter(table, rows);
  }

  // The first members of a group have links, the others names, or the page would be too large.
  document.addEventListener("toggle", (event) => {
    for (const name of event.target.querySelectorAll(":scope > bdi")) {
      const page = pages.get(name.textContent);
      if (page) name.replaceWith(make("a", { href: page }, name.cloneNode(true)));
    }
  }, true);
})();
