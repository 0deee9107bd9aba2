/* The ranked list of arms beside a plot, which is its legend: pointing at a row lights its mark, and the other way round;
   a row's name opens its traces, and its eye takes its mark away. Names are text, never HTML. */

export class Ranks {
  constructor(parent, changed) {
    this.box = document.createElement("div")
    this.box.className = "ot-ranks"
    this.box.hidden = true
    this.changed = changed
    this.away = new Set() // labels of the arms that are hidden
    this.rows = new Map() // by label
    parent.append(this.box)
  }

  show(data) {
    this.box.hidden = !data
    if (!data || JSON.stringify(data) === this.shown) return
    this.shown = JSON.stringify(data)
    const list = made("ol", "", { "aria-label": data.title })
    this.rows = new Map(data.rows.map((row) => [row.arm, this.row(row)]))
    list.append(...this.rows.values())
    const at = this.box.scrollTop
    this.box.replaceChildren(head(data), list)
    this.box.scrollTop = at
  }

  row(said) {
    const row = made("li")
    const open = made("a", "ot-rank", { href: said.traces, title: said.arm })
    const sign = made("span", "ot-rank-sign", { "aria-hidden": "true" }, said.sign)
    sign.style.color = said.colour
    const name = made("span", "ot-rank-name", { dir: "auto" }, said.name)
    if (said.note) name.append(made("small", "", {}, said.note))
    const value = made("span", "ot-rank-value", {}, said.value)
    value.append(made("small", "", {}, said.interval))
    open.append(sign, name, value, made("span", "ot-rank-cost", {}, said.cost))
    row.append(open, this.tools(said))
    row.dataset.arm = said.arm
    row.addEventListener("pointerenter", () => this.light(said.arm))
    row.addEventListener("focusin", () => this.light(said.arm))
    row.addEventListener("pointerleave", () => this.light())
    row.addEventListener("focusout", () => this.light())
    row.classList.toggle("ot-away", this.away.has(said.arm))
    return row
  }

  tools(said) {
    const tools = made("span", "ot-rank-tools")
    if (said.compare) tools.append(made("a", "", { href: said.compare, title: `compare ${said.name} with the best` }, "⇄"))
    if (said.is_drawn) {
      const eye = made("button", "", { type: "button", title: `hide or show ${said.name}`, "aria-pressed": this.away.has(said.arm) }, "◌")
      eye.onclick = () => this.toggle(said.arm, eye)
      tools.append(eye)
    }
    return tools
  }

  toggle(arm, eye) {
    if (!this.away.delete(arm)) this.away.add(arm)
    eye.setAttribute("aria-pressed", this.away.has(arm))
    this.rows.get(arm)?.classList.toggle("ot-away", this.away.has(arm))
    this.changed()
  }

  /* Without the arms that are hidden: their marks are not there, and lines go past where they were. */
  kept(traces) {
    for (const trace of traces) {
      if (trace.meta?.arm) trace.visible = !this.away.has(trace.meta.arm)
      if (trace.meta?.arms) drop(trace, this.away)
    }
  }

  light(arm) {
    const plot = this.box.parentElement
    plot.classList.toggle("ot-lit", arm !== undefined)
    for (const lit of plot.querySelectorAll(".ot-lit-mark")) lit.classList.remove("ot-lit-mark")
    const uid = arm === undefined ? undefined : this.uids?.get(arm)
    if (uid) plot.querySelector(`.trace${CSS.escape(uid)}`)?.classList.add("ot-lit-mark")
  }

  /* Which trace is whose, once it is drawn. */
  drawn(traces) {
    this.uids = new Map(traces.filter(({ meta }) => meta?.arm).map(({ meta, uid }) => [meta.arm, uid]))
  }

  point(arm) {
    for (const [label, row] of this.rows) row.classList.toggle("ot-lit-row", label === arm)
  }
}

function head(data) {
  const head = made("div", "ot-rank-head")
  head.append(made("span", "", {}, "arm"), made("span", "", {}, "accuracy, 95 % interval"), made("span", "", {}, data.cost))
  return head
}

function drop(line, away) {
  const kept = line.meta.arms.map((arm) => !away.has(arm))
  for (const along of ["x", "y"]) line[along] = line[along].filter((_, at) => kept[at])
}

function made(tag, name = "", attributes = {}, text = "") {
  const made = document.createElement(tag)
  made.className = name
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value)
  made.textContent = text
  return made
}
