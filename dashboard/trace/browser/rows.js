/* Where every row of a trace stands. A row is a piece of a step's text, or of its ids; the rows of a step follow one
   another. Heights are guessed from lengths until a row has been seen. There may be tens of thousands. */

const PIECE = 2000
const LINE_PX = 20
const HEAD_PX = 22
const GAP_PX = 10

class Rows {
  constructor(outline, perLine) {
    this.outline = outline
    this.firsts = new Int32Array(outline.rows.length + 1)
    outline.rows.forEach((count, step) => (this.firsts[step + 1] = this.firsts[step] + count))
    this.count = this.firsts[outline.rows.length]
    this.stepOf = new Int32Array(this.count)
    for (let step = 0; step < outline.rows.length; step++) this.stepOf.fill(step, this.firsts[step], this.firsts[step + 1])
    this.tops = new Float64Array(this.count + 1)
    this.heights = new Float64Array(this.count)
    this.isSeen = new Uint8Array(this.count)
    this.guessAll(perLine)
  }

  guessAll(perLine) {
    this.perLine = perLine
    this.isSeen.fill(0)
    for (let row = 0; row < this.count; row++) this.heights[row] = this.guess(row)
  }

  /* What was seen of rows that are still the same, of the trace of a job that grows. */
  remember(before) {
    const seen = new Map()
    for (let row = 0; row < before.count; row++) if (before.isSeen[row]) seen.set(before.key(row), before.heights[row])
    for (let row = 0; row < this.count; row++) {
      const height = seen.get(this.key(row))
      if (height !== undefined) this.heights[row] = height
    }
  }

  step(row) {
    return this.stepOf[row]
  }

  part(row) {
    return row - this.firsts[this.stepOf[row]]
  }

  /* The same row keeps its key while a job runs and steps come in between. */
  key(row) {
    const step = this.stepOf[row]
    return `${this.outline.names?.[step] ?? step}/${this.part(row)}`
  }

  isLast(row) {
    return row + 1 === this.firsts[this.stepOf[row] + 1]
  }

  characters(row) {
    return Math.max(0, Math.min(PIECE, this.outline.characters[this.stepOf[row]] - PIECE * this.part(row)))
  }

  guess(row) {
    const text = Math.max(1, Math.ceil(this.characters(row) / this.perLine)) * LINE_PX
    return text + (this.part(row) ? 0 : HEAD_PX) + (this.isLast(row) ? GAP_PX : 0)
  }

  see(row, height) {
    this.isSeen[row] = 1
    this.heights[row] = height
  }

  forget(step) {
    for (let row = this.firsts[step]; row < this.firsts[step + 1]; row++) this.see(row, this.guess(row))
  }

  /* Where each row begins; of a folded step only the first has a height. */
  layOut(isFolded) {
    let top = 0
    for (let step = 0; step < this.outline.rows.length; step++) {
      const [first, behind] = [this.firsts[step], this.firsts[step + 1]]
      const shown = isFolded(step) ? first + 1 : behind
      for (let row = first; row < behind; row++) {
        this.tops[row] = top
        if (row < shown) top += this.heights[row]
      }
    }
    this.tops[this.count] = top
  }

  get total() {
    return this.tops[this.count]
  }

  /* The row that has this height above it. */
  at(top) {
    let low = 0
    let high = this.count - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.tops[middle] <= top) low = middle
      else high = middle - 1
    }
    return low
  }
}

/* Rows as ranges: [1, 2, 3, 7] is [[1, 3], [7, 7]]. */
function ranges(rows) {
  const found = []
  for (const row of rows) {
    const last = found[found.length - 1]
    if (last && row === last[1] + 1) last[1] = row
    else found.push([row, row])
  }
  return found
}
