/* A search tree: depth from left to right, a node for each step. One points at a node to read it (the page is asked for
   its text), and a click opens it with all that led to it. The wheel is the page's; arrows walk, Enter opens. */

const trees = new WeakMap()
const [KEPT, PRUNED, ROLLOUT, ANSWER] = [0, 1, 2, 3]
const MARGIN_PX = 14
const LABEL_PX = 110
const MOST_HIGH_PX = 8000

class Tree {
  constructor(parent) {
    this.box = element("div", "ot-tree")
    this.paper = document.createElement("canvas")
    this.paper.tabIndex = 0
    this.paper.setAttribute("role", "application")
    this.legend = element("div", "ot-tree-legend")
    this.tip = element("div", "ot-tree-tip")
    this.tip.setAttribute("role", "status")
    this.tip.hidden = true
    this.box.append(this.legend, this.paper, this.tip)
    parent.append(this.box)
    this.paper.addEventListener("pointermove", (event) => this.pointAt(this.nodeAt(event)))
    this.paper.addEventListener("pointerleave", () => this.pointAt(undefined))
    this.paper.addEventListener("click", (event) => this.open(this.nodeAt(event), event))
    this.paper.addEventListener("keydown", (event) => this.walk(event))
    this.resized = new ResizeObserver(() => this.draw())
    this.resized.observe(this.box)
  }

  show(data, send) {
    this.send = send
    this.opened = data.opened
    this.told = data.told
    this.colours = data.colours
    if (data.tree) this.grow(data)
    else if (data.key !== this.key) return this.send("asked", { has: "", node: -1 })
    this.paper.setAttribute("aria-label", `Search tree: ${data.label} Arrows walk, Enter opens.`)
    this.draw()
    this.say()
  }

  grow({ key, tree, scale }) {
    this.key = key
    this.tree = tree
    this.chosen = new Set(tree.chosen)
    this.hasChildren = new Set(tree.parents)
    this.deepest = Math.max(...new Set(tree.depths))
    this.scale = Scale.of(tree.scores, scale)
    this.pointed = undefined
    this.drawLegend()
  }

  drawLegend() {
    const names = ["kept", "pruned", "rollout", "answer"].filter((_, look) => this.tree.looks.includes(look))
    this.legend.replaceChildren(...names.map((name) => element("span", `ot-tree-sign ${name}`, name)), element("span", "ot-tree-sign chosen", "chosen path"))
    if (this.scale) this.legend.append(this.scale.legend())
  }

  /* From the width that there is, and as high as its rows need. */
  lay() {
    const width = this.box.clientWidth
    this.rowPx = Math.max(1, Math.min(24, MOST_HIGH_PX / this.tree.numRows, Math.max(3, 620 / this.tree.numRows)))
    const height = Math.round(2 * MARGIN_PX + this.rowPx * Math.max(1, this.tree.numRows - 1))
    this.stepPx = Math.max(4, (width - 2 * MARGIN_PX - (Object.keys(this.tree.labels).length ? LABEL_PX : 0)) / Math.max(1, this.deepest))
    this.radius = Math.max(1.5, Math.min(6, this.rowPx * 0.36, this.stepPx * 0.36))
    const sharp = window.devicePixelRatio || 1
    this.paper.style.height = `${height}px`
    this.paper.width = width * sharp
    this.paper.height = height * sharp
    const pen = this.paper.getContext("2d")
    pen.scale(sharp, sharp)
    return pen
  }

  x(node) {
    return MARGIN_PX + this.tree.depths[node] * this.stepPx
  }

  y(node) {
    return MARGIN_PX + this.tree.rows[node] * this.rowPx
  }

  draw() {
    if (!this.tree || !this.box.clientWidth) return
    const pen = this.lay()
    const style = getComputedStyle(this.box)
    this.ink = style.color
    const isFaint = (node) => this.tree.looks[node] === PRUNED || this.tree.looks[node] === ROLLOUT
    const all = [...this.tree.depths.keys()]
    this.edges(pen, all.filter((node) => isFaint(node)), { width: 0.8, alpha: 0.4, dash: [2, 3] })
    this.edges(pen, all.filter((node) => !isFaint(node) && !this.chosen.has(node)), { width: 1, alpha: 0.45, dash: [] })
    this.edges(pen, all.filter((node) => this.chosen.has(node)), { width: 3.5, alpha: 0.85, dash: [] })
    for (const node of all) this.node(pen, node)
    this.labels(pen, style)
    this.ring(pen, this.opened, 2.5)
    if (this.pointed !== undefined) this.ring(pen, this.pointed, 1.5)
  }

  edges(pen, nodes, { width, alpha, dash }) {
    pen.strokeStyle = this.ink
    pen.globalAlpha = alpha
    pen.lineWidth = width
    pen.setLineDash(dash)
    pen.beginPath()
    for (const node of nodes) {
      const parent = this.tree.parents[node]
      if (parent < 0) continue
      pen.moveTo(this.x(parent), this.y(parent))
      pen.lineTo(this.x(node), this.y(node))
    }
    pen.stroke()
    pen.setLineDash([])
    pen.globalAlpha = 1
  }

  node(pen, node) {
    const look = this.tree.looks[node]
    const size = this.radius * (look === PRUNED || look === ROLLOUT ? 0.75 : 1)
    const [x, y] = [this.x(node), this.y(node)]
    pen.globalAlpha = look === PRUNED ? 0.55 : 1
    pen.fillStyle = this.scale?.colour(this.tree.scores[node]) ?? "#8A94A3"
    pen.strokeStyle = this.ink
    pen.lineWidth = this.radius > 3 ? 0.8 : 0
    pen.beginPath()
    if (look === ANSWER) pen.rect(x - size, y - size, 2 * size, 2 * size)
    else if (look === ROLLOUT) {
      pen.moveTo(x, y - size)
      for (const [right, down] of [[size, 0], [0, size], [-size, 0]]) pen.lineTo(x + right, y + down)
      pen.closePath()
    } else pen.arc(x, y, size, 0, 2 * Math.PI)
    pen.fill()
    if (pen.lineWidth && this.radius > 3) pen.stroke()
    pen.globalAlpha = 1
  }

  /* Beside its node, or above it where the tree goes on from there: a line would run through it. */
  labels(pen, style) {
    pen.font = `12px ${style.fontFamily}`
    pen.textBaseline = "middle"
    for (const [name, { text, verdict }] of Object.entries(this.tree.labels)) {
      const node = Number(name)
      const goesOn = this.hasChildren.has(node)
      if (this.rowPx < 11 && !text.endsWith("★")) continue
      pen.fillStyle = readable(this.colours[verdict], this.ink)
      pen.textAlign = goesOn ? "center" : "left"
      pen.fillText(text, this.x(node) + (goesOn ? 0 : this.radius + 6), this.y(node) - (goesOn ? this.radius + 7 : 0))
    }
  }

  ring(pen, node, width) {
    pen.strokeStyle = this.ink
    pen.lineWidth = width
    pen.beginPath()
    pen.arc(this.x(node), this.y(node), this.radius + 3.5, 0, 2 * Math.PI)
    pen.stroke()
  }

  /* The nearest, if it is near. */
  nodeAt({ offsetX, offsetY }) {
    let [found, least] = [undefined, Math.max(9, this.radius + 4) ** 2]
    for (let node = 0; node < this.tree.depths.length; node++) {
      const away = (this.x(node) - offsetX) ** 2 + (this.y(node) - offsetY) ** 2
      if (away < least) [found, least] = [node, away]
    }
    return found
  }

  pointAt(node) {
    if (node === this.pointed) return
    this.pointed = node
    this.paper.style.cursor = node === undefined ? "" : "pointer"
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined
      this.draw()
    })
    this.say()
    clearTimeout(this.asking)
    if (node !== undefined && this.told?.node !== node) this.asking = setTimeout(() => this.send("asked", { has: this.key, node }), 90)
  }

  path(node) {
    const path = []
    for (let at = node; at >= 0; at = this.tree.parents[at]) path.unshift(this.tree.last[at])
    return path.join(".")
  }

  /* What is known of the node at once, and all of it when it has come. */
  say() {
    const node = this.pointed
    this.tip.hidden = node === undefined
    if (node === undefined) return
    const told = this.told?.node === node ? this.told : undefined
    const score = this.tree.scores?.[node]
    const facts = told?.facts ?? `${this.path(node)}${typeof score === "number" ? ` · score ${score.toFixed(3)}` : ""}`
    const text = element("div", "ot-tree-text", told ? told.text || "(no text)" : "…")
    text.dir = "auto"
    this.tip.replaceChildren(element("b", "", told?.label ?? ""), element("span", "", facts), text)
    const width = this.box.clientWidth
    const isLeft = this.x(node) > width / 2
    this.tip.style.top = `${this.paper.offsetTop + this.y(node) + 14}px`
    this.tip.style.left = isLeft ? "" : `${Math.max(0, this.x(node) - 20)}px`
    this.tip.style.right = isLeft ? `${Math.max(0, width - this.x(node) - 20)}px` : ""
  }

  open(node, event) {
    if (node === undefined) return
    const href = `?step=${this.path(node)}`
    if (event.ctrlKey || event.metaKey) window.open(new URL(href, location.href), "_blank")
    else overthink.open(href, true)
  }

  walk(event) {
    const { parents, depths, rows } = this.tree
    const from = this.pointed ?? this.opened
    const beside = (by) => {
      const column = [...depths.keys()].filter((node) => depths[node] === depths[from]).sort((one, other) => rows[one] - rows[other])
      return column[column.indexOf(from) + by]
    }
    const to = {
      ArrowLeft: () => (parents[from] < 0 ? undefined : parents[from]),
      ArrowRight: () => parents.indexOf(from),
      ArrowUp: () => beside(-1),
      ArrowDown: () => beside(1),
    }[event.key]
    if (event.key === "Enter") return this.open(from, event)
    if (!to) return
    event.preventDefault()
    const node = to()
    if (node !== undefined && node >= 0) this.pointAt(node)
  }
}

export default function ({ data, parentElement, setStateValue }) {
  if (!trees.has(parentElement)) trees.set(parentElement, new Tree(parentElement))
  const tree = trees.get(parentElement)
  tree.show(data, setStateValue)
  return () => {
    if (parentElement.isConnected) return // called again, not taken away
    tree.resized.disconnect()
    trees.delete(parentElement)
  }
}
