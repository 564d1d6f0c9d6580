// The findings of a page: filtered, sorted and grouped over an array, drawn a chunk at a time, and every object with its evidence.
// Text becomes a page only as textContent. Nothing is stored, and nothing is fetched.
"use strict";

(() => {
  const CHUNK = 200;
  const byId = (id) => document.getElementById(id);
  const number = (value) => value.toLocaleString("en-US");

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== null) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  // -- colours -------------------------------------------------------------------------------------------------------

  const theme = byId("theme");
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme ?? (prefersDark.matches ? "dark" : "light")) === "dark";
  const nameTheme = () => { theme.textContent = isDark() ? "Light colours" : "Dark colours"; };
  theme.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    nameTheme();
  });
  prefersDark.addEventListener("change", nameTheme);
  nameTheme();
  theme.hidden = false;

  // -- printing: what is folded is shown -----------------------------------------------------------------------------

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const one of folded) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of folded) one.open = false; });

  const island = byId("island");
  if (!island) return; // a page of plain tables

  // -- findings ------------------------------------------------------------------------------------------------------

  const told = JSON.parse(island.textContent);
  const findings = told.findings.map(
    ([object, rule, severity, message, targets, because, certainty, wave, csv, waived, evidence], place) => {
      const [identity, table, dn, guid, site] = told.objects[object];
      const [code, family, remediation, cmdlet] = told.rules[rule];
      return {
        place, object, identity, dn, guid, rule, code, family, severity, message, targets, because, certainty, wave, csv, waived,
        evidence, remediation, cmdlet, site, table: told.tables[table],
      };
    },
  );
  const ofObject = new Map();
  for (const one of findings) {
    if (!ofObject.has(one.guid)) ofObject.set(one.guid, []);
    ofObject.get(one.guid).push(one);
  }
  const mine = 1 << told.targets.indexOf(told.target);
  const siteName = (one) => (one.site < 0 ? "" : told.sites[one.site]);

  let haystacks = null; // made at the first search
  function haystack(place) {
    haystacks ??= findings.map((one) =>
      [one.identity, one.dn, one.guid, one.message, one.code, one.because, siteName(one), ...one.evidence.flat()]
        .join("\n").toLowerCase());
    return haystacks[place];
  }

  // -- order ---------------------------------------------------------------------------------------------------------

  const collator = new Intl.Collator("en", { sensitivity: "base" });
  const COLUMNS = {
    severity: (one) => one.severity,
    object: (one) => one.identity,
    message: (one) => one.message,
    rule: (one) => one.code,
    site: siteName,
  };
  const ranks = new Map(); // comparing texts by language is slow: each column is put in order once
  function rank(column) {
    if (!ranks.has(column)) {
      const value = COLUMNS[column];
      const distinct = [...new Set(findings.map(value))];
      distinct.sort(column === "severity" ? (a, b) => a - b : collator.compare);
      const places = new Map(distinct.map((one, place) => [one, place]));
      ranks.set(column, Int32Array.from(findings, (one) => places.get(value(one))));
    }
    return ranks.get(column);
  }

  // -- what is shown -------------------------------------------------------------------------------------------------

  const form = byId("filters");
  const fields = Object.fromEntries(["text", "family", "target", "site", "group"].map((id) => [id, byId(id)]));
  const table = byId("rows");
  const body = table.tBodies[0];
  const more = byId("more");
  const sorted = { column: "severity", up: true };
  const open = new Set(); // groups that are unfolded
  const boxes = new Map();
  let lines = [];
  let drawn = 0;

  const GROUPS = {
    rule: { name: "Rule", key: (one) => one.code },
    object: { name: "Object", key: (one) => one.guid },
    family: { name: "Family", key: (one) => told.families[one.family] },
    site: { name: "Site", key: (one) => siteName(one) || "No site" },
  };

  function matching() {
    const words = fields.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const family = fields.family.value === "" ? null : Number(fields.family.value);
    const site = fields.site.value === "" ? null : Number(fields.site.value);
    const target = Number(fields.target.value);
    return findings.filter((one) =>
      (one.targets & target) !== 0
      && (family === null || one.family === family)
      && (site === null || one.site === site)
      && words.every((word) => haystack(one.place).includes(word)));
  }

  function countSeverities(found) {
    const counts = new Array(told.severities.length).fill(0);
    for (const one of found) counts[one.severity] += 1;
    boxes.forEach(({ count }, severity) => { count.textContent = number(counts[severity]); });
  }

  function inOrder(found) {
    const places = rank(sorted.column);
    const way = sorted.up ? 1 : -1;
    return found.sort((a, b) => way * (places[a.place] - places[b.place]) || a.place - b.place);
  }

  function grouped(found, { key }) {
    const groups = new Map();
    for (const one of found) {
      const name = key(one);
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(one);
    }
    const worst = (group) => group.reduce((least, one) => Math.min(least, one.severity), Infinity);
    const ordered = [...groups].map(([name, group]) => ({ name, group, severity: worst(group) }));
    ordered.sort((a, b) => a.severity - b.severity || b.group.length - a.group.length);
    return ordered;
  }

  function show() {
    const found = matching();
    countSeverities(found);
    const chosen = inOrder(found.filter((one) => boxes.get(one.severity).input.checked));
    const by = GROUPS[fields.group.value];
    const groups = by ? grouped(chosen, by) : null;
    lines = groups ? groups.flatMap((one) => [one, ...(open.has(one.name) ? one.group : [])]) : chosen;
    body.replaceChildren();
    drawn = 0;
    draw();
    tell(chosen.length, groups);
  }

  function draw() {
    const next = lines.slice(drawn, drawn + CHUNK);
    body.append(...next.map((line) => (line.group ? groupRow(line) : row(line))));
    drawn += next.length;
    more.hidden = drawn >= lines.length;
    more.textContent = `Show ${number(Math.min(CHUNK, lines.length - drawn))} more`;
    if (!lines.length) {
      body.append(make("tr", {}, make("td", { colspan: "5", class: "quiet" }, "No finding matches.")));
    }
  }

  function tell(count, groups) {
    const all = findings.filter((one) => (one.targets & Number(fields.target.value)) !== 0).length;
    const of = count < all ? `${number(count)} of ${number(all)} findings match. ` : "";
    const what = groups ? `${number(groups.length)} groups` : `${number(lines.length)} findings`;
    const most = lines.length > drawn ? `Showing ${number(drawn)} of ${groups ? `${number(lines.length)} lines` : what}` : `Showing all ${what}`;
    byId("count").textContent = `${of}${lines.length ? most : "Showing none"}.`;
    byId("count").dataset.matching = count;
  }

  const badge = (severity) => make("span", { class: `badge ${told.severities[severity]}` }, told.severities[severity]);
  const breakable = (text) => text.split(/(?<=@)/).flatMap((part, place) => (place ? [make("wbr"), part] : [part]));
  const link = (guid, text) => make("a", { href: `#object-${encodeURIComponent(guid)}` }, ...breakable(text));

  function row(one) {
    const said = make("td", {}, one.message);
    if (one.because) said.append(" ", make("span", { class: "quiet" }, one.because));
    if (one.waived) said.append(" ", make("span", { class: "tag" }, "accepted"));
    if (!(one.targets & mine)) said.append(" ", make("span", { class: "tag" }, `not for ${told.target}`));
    return make("tr", {},
      make("td", {}, badge(one.severity)),
      make("td", { class: "object" }, link(one.guid, one.identity)),
      said,
      make("td", { class: "spare code" }, one.code),
      make("td", { class: "spare" }, siteName(one)));
  }

  function groupRow({ name, group, severity }) {
    const label = fields.group.value === "object" ? group[0].identity : name;
    const title = fields.group.value === "rule" ? group[0].message : "";
    const button = make("button", { type: "button", class: "fold", "aria-expanded": String(open.has(name)) }, label);
    button.addEventListener("click", () => {
      if (!open.delete(name)) open.add(name);
      const at = lines.findIndex((line) => line.name === name);
      const kept = drawn;
      show();
      while (drawn < Math.min(Math.max(kept, at + 1), lines.length)) draw();
      body.rows[at].querySelector("button").focus();
    });
    const many = `${number(group.length)} ${group.length === 1 ? "finding" : "findings"}`;
    return make("tr", { class: "group" },
      make("td", {}, badge(severity)),
      make("th", { scope: "row", colspan: "4" }, button, " ", make("span", { class: "quiet" }, title ? `${many}, such as: ${title}` : many)));
  }

  // -- controls ------------------------------------------------------------------------------------------------------

  function choices(field, entries) {
    for (const [value, text, chosen] of entries) {
      const option = make("option", { value }, text);
      option.defaultSelected = Boolean(chosen);
      field.append(option);
    }
  }

  choices(fields.family, [["", "Any family"], ...told.families.map((name, place) => [String(place), name])]);
  choices(fields.target, [
    ...told.targets.map((name, place) => [String(1 << place), name, name === told.target]),
    [String((1 << told.targets.length) - 1), "Any target"],
  ]);
  choices(fields.site, [["", "Any site"], ...told.sites.map((name, place) => [String(place), name]), ["-1", "No site"]]);
  choices(fields.group, [["", "Nothing"], ...Object.entries(GROUPS).map(([value, { name }]) => [value, name])]);
  fields.site.parentElement.hidden = !told.sites.length;
  table.classList.toggle("siteless", !told.sites.length);
  told.severities.forEach((severity, place) => {
    const input = make("input", { type: "checkbox", checked: "" });
    const count = make("span", { class: "many" }, "0");
    boxes.set(place, { input, count });
    byId("severities").append(make("label", { class: "check" }, input, make("span", { class: `badge ${severity}` }, severity), " ", count));
  });
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { open.clear(); show(); }));
  more.addEventListener("click", () => {
    const from = drawn;
    draw();
    tell(Number(byId("count").dataset.matching), fields.group.value ? lines.filter((line) => line.group) : null);
    if (more.hidden) body.rows[from].querySelector("a, button").focus();
  });

  const headers = [...table.tHead.rows[0].cells];
  for (const header of headers) {
    const button = make("button", { type: "button", class: "sort" }, header.textContent);
    button.addEventListener("click", () => {
      sorted.up = sorted.column === header.dataset.sort ? !sorted.up : true;
      sorted.column = header.dataset.sort;
      for (const other of headers) other.removeAttribute("aria-sort");
      header.setAttribute("aria-sort", sorted.up ? "ascending" : "descending");
      show();
    });
    header.replaceChildren(button);
  }

  for (const named of document.querySelectorAll("[data-rule]")) {
    const button = make("button", { type: "button", class: "plain" }, named.textContent);
    button.addEventListener("click", () => {
      form.reset();
      setTimeout(() => {
        fields.text.value = named.dataset.rule;
        show();
        byId("findings").scrollIntoView();
        fields.text.focus({ preventScroll: true });
      });
    });
    named.replaceChildren(button);
  }
  for (const named of document.querySelectorAll("[data-object]")) {
    if (ofObject.has(named.dataset.object)) named.replaceChildren(link(named.dataset.object, named.textContent));
  }

  // -- one object ----------------------------------------------------------------------------------------------------

  const dialog = byId("object");
  const facts = (pairs) => pairs.filter(([, value]) => value).map(([name, value]) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, value)));

  function evidenceOf(one) {
    if (!one.evidence.length) return null;
    const rows = one.evidence.map(([name, value]) =>
      make("tr", {}, make("th", { scope: "row" }, name), make("td", { class: value ? null : "quiet" }, value || "(none)")));
    return make("table", { class: "evidence" }, make("caption", {}, "Evidence"), make("tbody", {}, ...rows));
  }

  function section(one) {
    const targets = told.targets.filter((_, place) => one.targets & (1 << place)).join(", ");
    return make("article", { class: `finding ${told.severities[one.severity]}` },
      make("h3", {}, badge(one.severity), " ", one.message),
      evidenceOf(one),
      make("dl", { class: "facts" }, ...facts([
        ["Because", one.because],
        ["What to do", one.remediation],
        ["Cmdlet", one.cmdlet],
        ["Bulk CSV", one.csv.join(", ")],
        ["Rule", `${one.code}, ${told.families[one.family]}`],
        ["Targets", targets],
        ["Certainty", one.certainty],
        ["Wave", told.waves[one.wave] ?? one.wave],
        ["Accepted by", one.waived],
      ])));
  }

  function showObject() {
    let guid = null;
    try {
      guid = location.hash.startsWith("#object-") ? decodeURIComponent(location.hash.slice(8)) : null;
    } catch { /* a hash that is no link of this page */ }
    const about = ofObject.get(guid);
    if (!about) {
      if (dialog.open) dialog.close();
      return;
    }
    const [one] = about;
    byId("object-name").textContent = one.identity;
    byId("object-facts").replaceChildren(...facts([
      ["Table", one.table], ["DN", one.dn], ["GUID", one.guid === one.dn ? "" : one.guid], ["Site", siteName(one)],
      ["Findings", number(about.length)],
    ]));
    byId("object-findings").replaceChildren(...about.map(section));
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
    byId("object-name").focus({ preventScroll: true });
  }
  dialog.addEventListener("close", () => history.replaceState(null, "", "#findings"));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  byId("close").addEventListener("click", () => dialog.close());
  addEventListener("hashchange", showObject);

  form.hidden = false;
  show();
  showObject();
})();
