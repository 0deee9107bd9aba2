/* The outline at the left: a line for each step, as far as they are in view. */

const ENTRY_PX = 24

class Outline {
  constructor(reader) {
    this.reader = reader
    this.box = element("nav", "ot-outline")
    this.box.setAttribute("aria-label", "Steps")
    this.sheet = element("div", "ot-sheet")
    this.box.append(this.sheet)
    this.box.addEventListener("scroll", () => this.fill(), { passive: true })
  }

  show(outline) {
    this.outline = outline
    this.pruned = new Set(outline.pruned)
    this.sheet.style.height = `${outline.titles.length * ENTRY_PX}px`
    this.fill()
  }

  /* The step that is read is marked, and comes into view if it left it. */
  mark(step) {
    if (step === this.now) return
    this.now = step
    const top = step * ENTRY_PX
    const { scrollTop, clientHeight } = this.box
    if (top < scrollTop || top + ENTRY_PX > scrollTop + clientHeight) this.box.scrollTop = top - clientHeight / 2
    this.fill()
  }

  fill() {
    if (!this.outline) return
    const first = Math.max(0, Math.floor(this.box.scrollTop / ENTRY_PX) - 5)
    const last = Math.min(this.outline.titles.length, first + Math.ceil(this.box.clientHeight / ENTRY_PX) + 10)
    const entries = []
    for (let step = first; step < last; step++) entries.push(this.entry(step))
    this.sheet.replaceChildren(...entries)
  }

  entry(step) {
    const { titles, asides, depths, kinds, scores } = this.outline
    const classes = ["ot-entry", kinds[step], step === this.now ? "now" : "", this.pruned.has(step) ? "pruned" : ""]
    const made = element("button", classes.filter(Boolean).join(" "))
    made.type = "button"
    made.style.transform = `translateY(${step * ENTRY_PX}px)`
    if (depths) made.style.paddingLeft = `${6 + 5 * Math.min(depths[step], 12)}px`
    if (step === this.now) made.setAttribute("aria-current", "true")
    const colour = scores && this.reader.colour(scores[step])
    if (colour) made.style.setProperty("--ot-score", colour)
    made.append(element("span", "ot-entry-title", titles[step]))
    if (asides[step]) made.append(element("bdi", "ot-entry-aside", asides[step]))
    made.title = asides[step] ? `${titles[step]} (${asides[step]})` : titles[step]
    made.onclick = () => this.reader.goToStep(step)
    return made
  }
}
