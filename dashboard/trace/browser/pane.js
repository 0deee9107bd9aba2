/* The text, of which only what is near the screen is in the document. Rows that are seen for the first time are measured,
   and what is being read stays where it is. */

const AT_END_PX = 40

class Pane {
  constructor(reader) {
    this.reader = reader
    this.box = element("div", "ot-pane")
    this.box.tabIndex = 0
    this.box.setAttribute("role", "region")
    this.box.setAttribute("aria-label", "Text of the trace")
    this.sheet = element("div", "ot-sheet")
    this.box.append(this.sheet)
    this.perLine = 60
    this.pieces = new Map() // texts that were loaded, by the row's key
    this.drawn = new Map() // elements in the document, by the row's key
    this.open = new Set() // steps that are folded at first, and were opened
    this.box.addEventListener("scroll", () => this.later(), { passive: true })
    for (const name of ["wheel", "touchmove", "pointerdown", "keydown"])
      this.box.addEventListener(name, () => (this.aim = undefined), { passive: true })
  }

  show(outline) {
    const [before, place, isAtEnd] = [this.rows, this.rows && this.place(), this.isAtEnd]
    this.rows = new Rows(outline, this.perLine)
    if (before && outline.names) this.rows.remember(before)
    this.pruned = new Set(outline.pruned)
    this.layOut()
    if (outline.isGrowing && isAtEnd) this.box.scrollTop = this.rows.total
    else if (place) this.goTo(place)
  }

  forget() {
    for (const known of [this.pieces, this.open]) known.clear()
    this.redraw()
    this.rows = this.aim = undefined
    this.box.scrollTop = 0
  }

  /* Every row is drawn anew, with other marks, colours or width. */
  redraw() {
    this.sheet.replaceChildren()
    this.drawn.clear()
  }

  get isAtEnd() {
    return this.rows !== undefined && this.box.scrollTop + this.box.clientHeight >= this.rows.total - AT_END_PX
  }

  isFolded(step) {
    return FOLDED.has(this.rows.outline.kinds[step]) && !this.open.has(step)
  }

  /* Of its step, as far as it can be seen. */
  isLast(row) {
    return this.rows.isLast(row) || this.isFolded(this.rows.step(row))
  }

  fold(step) {
    if (!this.open.delete(step)) this.open.add(step)
    this.rows.forget(step)
    this.redraw()
    this.layOut()
    this.fill()
  }

  layOut() {
    this.rows.layOut((step) => this.isFolded(step))
    this.sheet.style.height = `${this.rows.total}px`
  }

  later() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined
      this.fill()
    })
  }

  /* What is read: the uppermost row, and how far into it. */
  place() {
    const row = this.rows.at(this.box.scrollTop)
    return { key: this.rows.key(row), row, by: this.box.scrollTop - this.rows.tops[row] }
  }

  /* It stays there while texts come, until somebody scrolls. */
  aimAt(place) {
    this.aim = place
    this.goTo(place)
    this.fill()
  }

  goTo({ row, by = 0 }) {
    this.box.scrollTop = this.rows.tops[Math.min(row, this.rows.count - 1)] + by
  }

  inReach() {
    const reach = this.box.clientHeight
    const first = this.rows.at(this.box.scrollTop - reach)
    const last = this.rows.at(this.box.scrollTop + 2 * reach)
    const rows = []
    for (let row = first; row <= last; row++)
      if (this.rows.tops[row + 1] > this.rows.tops[row]) rows.push(row)
    return rows
  }

  isLoaded(row) {
    const piece = this.pieces.get(this.rows.key(row))
    return piece && piece.characters === this.rows.outline.characters[this.rows.step(row)]
  }

  fill() {
    if (!this.rows?.count || !this.box.clientHeight) return
    for (let tries = 0; tries < 4 && this.drawInReach(); tries++);
    this.reader.moved(this.inReach().filter((row) => !this.isLoaded(row)))
  }

  /* True if rows turned out to be of other heights, so that others may have come near. */
  drawInReach() {
    const rows = this.inReach()
    const wanted = new Map(rows.map((row) => [this.rows.key(row), row]))
    for (const [key, made] of this.drawn) {
      if (wanted.has(key)) continue
      made.node.remove()
      this.drawn.delete(key)
    }
    const fresh = []
    for (const [key, row] of wanted) if (this.draw(key, row)) fresh.push([key, row])
    const isMoved = this.measure(fresh)
    for (const [key, row] of wanted) this.drawn.get(key).node.style.transform = `translateY(${this.rows.tops[row]}px)`
    return isMoved
  }

  draw(key, row) {
    const piece = this.pieces.get(key)
    const before = this.drawn.get(key)
    if (before && before.piece === piece && before.row === row) return false
    const node = rowElement(this.reader.placeOf(row), piece, this.reader.lookAt(row))
    if (!piece) node.style.height = `${this.rows.heights[row] - (this.isLast(row) ? GAP_PX : 0)}px`
    if (before) before.node.replaceWith(node)
    else this.sheet.append(node)
    this.drawn.set(key, { node, piece, row })
    return true
  }

  /* Of what was read first the place stays the same. */
  measure(fresh) {
    const changed = fresh.filter(([key, row]) => {
      const { node, piece } = this.drawn.get(key)
      if (!piece) return false
      const before = this.rows.heights[row]
      this.rows.see(row, node.getBoundingClientRect().height + (this.isLast(row) ? GAP_PX : 0))
      return Math.abs(this.rows.heights[row] - before) > 0.5
    })
    if (!changed.length) return false
    const place = this.aim ?? this.place()
    const isAtEnd = this.rows.outline.isGrowing && this.isAtEnd
    this.layOut()
    if (isAtEnd) this.box.scrollTop = this.rows.total
    else this.goTo(place)
    return true
  }
}
