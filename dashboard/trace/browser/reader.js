/* The reader: outline, text and minimap of one trace. The page says what there is; what is missing on the screen is asked
   for by the state `asked`, and comes with the next run of the page's fragment. What is looked for and where one reads
   stands in the address; where one read before is kept for Back. */

const ANSWER_DUE_MS = 2000 // later it was lost

const readers = new WeakMap()
const reading = (window.overthinkReading ??= new Map()) // where each address was left

class Reader {
  constructor(parent) {
    this.box = element("div", "ot-reader")
    this.pane = new Pane(this)
    this.outline = new Outline(this)
    this.minimap = new Minimap(this)
    this.find = new Find(this)
    this.choices = element("div", "ot-choices")
    const side = element("div", "ot-side")
    side.append(this.find.box, this.choices, this.outline.box)
    this.box.append(side, this.pane.box, this.minimap.box)
    parent.append(this.box)
    this.resized = new ResizeObserver(() => this.fit())
    this.resized.observe(this.box)
    window.addEventListener("resize", this.fitted = () => this.fit())
  }

  show(data, send) {
    this.send = send
    this.answerDue = 0
    const isOther = data.trace !== this.data?.trace
    this.data = data
    this.box.dataset.trace = data.trace
    if (isOther) this.begin()
    if (data.outline && data.key !== this.key) this.lay(data)
    for (const piece of data.rows) this.pane.pieces.set(this.keyOf(piece), piece)
    if (data.found?.seek !== this.found?.seek || data.key !== this.foundIn) this.showFound(data)
    this.pane.fill()
    if (isOther) this.arrive()
    if (this.match && this.pane.aim?.row === this.match[0]) this.centre()
    if (data.key !== this.key) this.ask([]) // another outline than the one that is here
  }

  /* Another trace, or another branch of it. */
  begin() {
    this.key = undefined
    this.hasArrived = false
    this.found = undefined
    this.said = undefined
    this.isColoured = false
    this.pane.forget()
    this.outline.now = undefined
    this.find.field.value = new URLSearchParams(location.search).get("seek") ?? this.data.seek ?? ""
  }

  lay(data) {
    this.key = data.key
    if (!data.outline.isGrowing) this.pane.pieces.clear()
    this.scale = Scale.of(data.outline.scores, data.outline.scale)
    this.outlined = data.outline
    this.fit()
    this.pane.show(data.outline)
    this.outline.show(data.outline)
    this.minimap.draw()
    this.drawChoices()
  }

  keyOf({ step, part }) {
    return `${this.pane.rows.outline.names?.[step] ?? step}/${part}`
  }

  showFound(data) {
    this.foundIn = data.key
    this.found = data.found ?? undefined
    this.nth = undefined
    this.find.show(this.found)
    this.pane.redraw()
    this.minimap.draw()
    if (this.found?.places.length && !reading.has(location.href)) this.find.step(1)
  }

  /* Where it was left, where the address says, or at the top. */
  arrive() {
    const left = reading.get(location.href)
    if (left) this.pane.aimAt(left)
    else if (this.data.step !== null) this.goToStep(this.data.step)
    this.hasArrived = true
    this.pane.fill()
  }

  /* As high as the screen is below it; beside it nothing scrolls. */
  fit() {
    const top = this.box.getBoundingClientRect().top + (document.querySelector('[data-testid="stMain"]')?.scrollTop ?? 0)
    const height = Math.max(360, window.innerHeight - top - 14)
    document.documentElement.style.setProperty("--ot-reader-height", `${height}px`)
    const width = this.pane.box.clientWidth
    if (width !== this.width) this.widen(width)
    this.pane.later()
    this.minimap.draw()
  }

  widen(width) {
    const place = this.width && this.pane.rows && this.pane.place()
    this.width = width
    this.pane.perLine = Math.max(20, Math.min(80, width / 8) * 0.75)
    this.pane.redraw()
    if (!this.pane.rows) return
    this.pane.rows.guessAll(this.pane.perLine)
    this.pane.layOut()
    if (place) this.pane.goTo(place)
  }

  /* After every scroll: what is missing is asked for, and where one is is said. */
  moved(missing) {
    this.outline.mark(this.pane.rows.step(this.pane.rows.at(this.pane.box.scrollTop + 12)))
    this.minimap.move()
    if (this.hasArrived) reading.set(location.href, this.pane.aim ?? this.pane.place())
    if (missing.length) this.ask(missing)
  }

  /* One thing at a time: what is missing when the answer has come is asked for then. */
  ask(missing) {
    if (performance.now() < this.answerDue) return
    const asked = { has: this.key ?? "", rows: ranges(missing), seek: this.find.field.value }
    const said = JSON.stringify(asked)
    if (said === this.said) return
    this.said = said
    this.answerDue = performance.now() + ANSWER_DUE_MS
    setTimeout(() => this.send("asked", asked))
  }

  placeOf(row) {
    const { rows } = this.pane
    const step = rows.step(row)
    const { kinds, scores } = rows.outline
    return {
      step,
      kind: kinds[step],
      isFirst: rows.part(row) === 0,
      isLast: this.pane.isLast(row),
      isPruned: this.pane.pruned.has(step),
      isFolded: this.pane.isFolded(step),
      colour: scores && this.colour(scores[step]),
    }
  }

  lookAt(row) {
    const { mark, question } = this.outlined
    const isMarked = mark && mark.step === this.pane.rows.step(row) && mark.part === this.pane.rows.part(row)
    return {
      question,
      seek: this.found?.seek,
      nth: this.match?.[0] === row ? this.match[1] : undefined,
      answer: isMarked ? mark.text : undefined,
      fold: (step) => this.pane.fold(step),
    }
  }

  goToStep(step) {
    this.pane.aimAt({ row: this.pane.rows.firsts[step] })
  }

  goToMatch(match) {
    this.match = match
    const step = this.pane.rows.step(match[0])
    if (this.pane.isFolded(step)) this.pane.open.add(step)
    this.pane.redraw()
    this.pane.layOut()
    this.pane.aimAt({ row: match[0], by: -60 })
    this.centre()
  }

  /* The match itself, once its row has come. */
  centre() {
    const hit = this.pane.sheet.querySelector(".ot-hit.now")
    if (!hit || !this.pane.aim) return
    const { box, rows } = this.pane
    const [inside, here] = [box.getBoundingClientRect(), hit.getBoundingClientRect()]
    const by = box.scrollTop + here.top - inside.top - inside.height / 3 - rows.tops[this.match[0]]
    this.pane.aimAt({ row: this.match[0], by })
  }

  seek(text) {
    const address = new URL(location.href)
    if (text) address.searchParams.set("seek", text)
    else address.searchParams.delete("seek")
    history.replaceState(history.state, "", address)
    this.match = undefined
    this.answerDue = 0
    this.ask([])
  }

  /* Which candidate is followed, and how it is drawn. */
  drawChoices() {
    const { follow, ids, log_probs } = this.outlined
    const made = []
    if (follow.choices.length > 1) made.push(this.followed(follow))
    if (this.scale) made.push(this.switch("Colour by score", this.isColoured, () => this.colourAll(), this.scale.legend()))
    if (log_probs) made.push(this.byLogProbs(log_probs))
    made.push(this.switch("Token ids", ids, () => overthink.open(ids ? "?ids=" : "?ids=true", true)))
    this.choices.replaceChildren(...made)
  }

  /* Where there are none, the way to get some. */
  byLogProbs({ isThere, isOn, way }) {
    const turn = () => overthink.open(isOn ? "?colour=" : "?colour=log-probs", true)
    if (isThere) return this.switch("Colour by log-prob", isOn, turn, Surprise.legend())
    const link = element("a", "ot-get", "Log-probs: scan for them")
    link.href = way
    return link
  }

  followed({ choices, chosen }) {
    const select = element("select", "ot-follow")
    select.setAttribute("aria-label", "Follow candidate")
    for (const { value, label } of choices) {
      const option = element("option", "", label)
      option.value = value
      option.selected = value === chosen
      select.append(option)
    }
    select.onchange = () => overthink.open(`?follow=${encodeURIComponent(select.value)}&step=`, true)
    return select
  }

  switch(label, isOn, onChange, ...more) {
    const made = element("label", "ot-switch")
    const box = element("input", "")
    box.type = "checkbox"
    box.checked = isOn
    box.onchange = onChange
    made.append(box, element("span", "", label), ...(isOn ? more.filter(Boolean) : []))
    return made
  }

  colourAll() {
    this.isColoured = !this.isColoured
    this.drawChoices()
    this.pane.redraw()
    this.outline.fill()
    this.pane.fill()
    this.minimap.draw()
  }

  colour(score) {
    return this.isColoured ? this.scale?.colour(score) : undefined
  }

  end() {
    this.resized.disconnect()
    window.removeEventListener("resize", this.fitted)
  }
}

export default function ({ data, parentElement, setStateValue }) {
  if (!readers.has(parentElement)) readers.set(parentElement, new Reader(parentElement))
  const reader = readers.get(parentElement)
  reader.show(data, setStateValue)
  return () => {
    if (parentElement.isConnected) return // called again, not taken away
    reader.end()
    readers.delete(parentElement)
  }
}
