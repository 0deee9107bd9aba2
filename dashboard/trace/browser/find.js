/* The box above the outline: what is looked for, how often it is there, and the way from one match to the next. */

class Find {
  constructor(reader) {
    this.reader = reader
    this.box = element("div", "ot-find")
    this.field = element("input", "ot-find-field")
    this.field.type = "search"
    this.field.placeholder = "Find in trace"
    this.field.setAttribute("aria-label", "Find in trace")
    this.count = element("span", "ot-find-count")
    this.count.setAttribute("role", "status")
    this.before = this.button("‹", "p", "previous match", -1)
    this.next = this.button("›", "n", "next match", 1)
    this.box.append(this.field, this.count, this.before, this.next)
    this.field.addEventListener("input", () => this.typed())
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.step(event.shiftKey ? -1 : 1)
      if (event.key === "Escape") this.field.blur()
    })
  }

  button(sign, key, says, by) {
    const made = element("button", "ot-find-step", sign)
    made.type = "button"
    made.dataset.key = key
    made.dataset.says = says
    made.title = `${says} (${key})`
    made.setAttribute("aria-label", says)
    made.onclick = () => this.step(by)
    return made
  }

  typed() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.reader.seek(this.field.value), 150)
  }

  show(found) {
    const total = found?.total ?? 0
    this.at = undefined
    this.before.hidden = this.next.hidden = !total
    this.say(found)
  }

  say(found) {
    const total = found?.total ?? 0
    const now = this.at === undefined ? "" : `${(this.at + 1).toLocaleString("en")} of `
    this.count.textContent = found?.seek ? (total ? now + total.toLocaleString("en") : "none") : ""
  }

  step(by) {
    const { found } = this.reader
    if (!found?.places.length) return
    const count = found.places.length
    this.at = this.at === undefined ? (by > 0 ? 0 : count - 1) : (this.at + by + count) % count
    this.say(found)
    this.reader.goToMatch(found.places[this.at])
  }
}
