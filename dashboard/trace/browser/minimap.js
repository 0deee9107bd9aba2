/* The whole trace as a strip beside the text: its layers, its matches, and what is in view. A press goes there. */

class Minimap {
  constructor(reader) {
    this.reader = reader
    this.box = element("div", "ot-minimap")
    this.box.setAttribute("aria-hidden", "true")
    this.paper = document.createElement("canvas")
    this.view = element("div", "ot-minimap-view")
    this.box.append(this.paper, this.view)
    this.box.addEventListener("pointerdown", (event) => {
      this.box.setPointerCapture(event.pointerId)
      this.go(event)
    })
    this.box.addEventListener("pointermove", (event) => event.buttons && this.go(event))
  }

  go({ clientY }) {
    const { top, height } = this.box.getBoundingClientRect()
    const { pane } = this.reader
    pane.aim = undefined
    pane.box.scrollTop = ((clientY - top) / height) * pane.rows.total - pane.box.clientHeight / 2
  }

  draw() {
    const { pane } = this.reader
    const [width, height] = [this.box.clientWidth, this.box.clientHeight]
    if (!pane.rows || !height) return
    this.drawn = pane.rows.total
    const scale = Math.min(1, height / Math.max(1, pane.rows.total))
    const sharp = window.devicePixelRatio || 1
    this.paper.width = width * sharp
    this.paper.height = height * sharp
    const paper = this.paper.getContext("2d")
    paper.scale(sharp, sharp)
    const style = getComputedStyle(this.box)
    const ink = (name) => style.getPropertyValue(`--ot-${name}`)
    const inks = Object.fromEntries(["prompt", "think", "step", "forced", "answer", "revision", "rollout", "running"].map((kind) => [kind, ink(kind)]))
    this.layers(paper, width, scale, inks)
    paper.fillStyle = ink("hit")
    for (const [row] of this.reader.found?.places ?? []) paper.fillRect(0, pane.rows.tops[row] * scale, width, 2)
    this.move()
  }

  /* Rows turned out to be of other heights. */
  later() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      this.draw()
    }, 400)
  }

  layers(paper, width, scale, inks) {
    const { rows } = this.reader.pane
    const { kinds, scores } = rows.outline
    for (let step = 0; step < kinds.length; step++) {
      const top = rows.tops[rows.firsts[step]] * scale
      const high = Math.max(1, rows.tops[rows.firsts[step + 1]] * scale - top - 0.5)
      paper.fillStyle = (scores && this.reader.colour(scores[step])) || inks[kinds[step]]
      paper.fillRect(kinds[step] === "forced" ? 0 : 2, top, width - (kinds[step] === "forced" ? 0 : 4), Math.max(high, kinds[step] === "forced" ? 2 : 0))
    }
  }

  move() {
    const { box, rows } = this.reader.pane
    if (!rows) return
    if (Math.abs(rows.total - this.drawn) > 0.02 * this.drawn) this.later()
    const scale = Math.min(1, this.box.clientHeight / Math.max(1, rows.total))
    this.view.hidden = rows.total <= box.clientHeight
    this.view.style.transform = `translateY(${box.scrollTop * scale}px)`
    this.view.style.height = `${Math.max(6, box.clientHeight * scale)}px`
  }
}
