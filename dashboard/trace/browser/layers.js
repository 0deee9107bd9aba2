/* One row as elements: the layer it belongs to, the line above it, its text with what is marked in it. */

const FOLDED = new Set(["prompt", "revision"])

function rowElement(place, piece, look) {
  const classes = ["ot-step", place.kind]
  if (place.isFirst) classes.push("first")
  if (place.isLast) classes.push("last")
  if (place.isPruned) classes.push("pruned")
  const made = element("div", classes.join(" "))
  made.dataset.step = place.step
  if (place.colour) made.style.setProperty("--ot-score", place.colour)
  if (!piece) {
    made.classList.add("waiting")
    made.setAttribute("aria-busy", "true")
    return made
  }
  if (piece.label !== undefined) made.append(headElement(place, piece, look))
  if (piece.ids !== undefined) made.append(element("div", "ot-ids", piece.ids))
  else if (!place.isFolded) made.append(textElement(piece, look))
  if (piece.foot && !place.isFolded) made.append(footElement(piece.foot))
  return made
}

function footElement({ said, means }) {
  const made = element("div", "ot-dropped", said)
  made.title = means
  return made
}

/* What is folded is a line, and opens. That of the prompt has the question. */
function headElement(place, piece, look) {
  const folds = FOLDED.has(place.kind)
  const head = element(folds ? "button" : "div", "ot-head")
  head.append(element("span", "ot-kind", piece.label))
  const facts = element("span", "ot-facts", piece.facts)
  facts.title = piece.facts
  if (folds) {
    head.type = "button"
    head.setAttribute("aria-expanded", String(!place.isFolded))
    if (place.isFolded && place.kind === "prompt") head.append(element("bdi", "ot-preview", look.question))
    head.onclick = () => look.fold(place.step)
  }
  head.append(facts)
  return head
}

function textElement(piece, look) {
  if (!piece.text) return element("div", "ot-empty", "(no text)")
  const made = element("div", "ot-text")
  made.dir = "auto"
  const spans = spansOf(piece.text, look)
  made.append(...(piece.tokens ? coloured(piece.tokens, spans) : marked(piece.text, 0, spans)))
  return made
}

/* Token by token, each on the colour of its log-prob; what is marked is marked in it. */
function coloured(tokens, spans) {
  let at = 0
  return tokens.map(([text, logProb]) => {
    const made = element("span", "ot-token")
    made.append(...marked(text, at, spans))
    made.title = Surprise.words(logProb)
    if (logProb !== null) made.style.backgroundColor = Surprise.colour(logProb)
    at += text.length
    return made
  })
}

/* What is looked for, and the answer that was read. */
function spansOf(text, look) {
  const spans = [...matches(text, look.seek).map((span, nth) => ({ ...span, className: nth === look.nth ? "ot-hit now" : "ot-hit" }))]
  if (look.answer && !look.seek) {
    const start = text.lastIndexOf(look.answer)
    if (start >= 0) spans.push({ start, end: start + look.answer.length, className: "ot-answer" })
  }
  return spans
}

/* A part of a text, from `start` on, with what is marked in it. */
function marked(text, start, spans) {
  const made = []
  let done = 0
  for (const span of spans) {
    const [from, to] = [Math.max(span.start - start, done), Math.min(span.end - start, text.length)]
    if (from >= to) continue
    made.push(text.slice(done, from), element("mark", span.className, text.slice(from, to)))
    done = to
  }
  made.push(text.slice(done))
  return made
}

function matches(text, seek) {
  if (!seek) return []
  const pattern = new RegExp(seek.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "giu")
  return [...text.matchAll(pattern)].map(({ 0: found, index }) => ({ start: index, end: index + found.length }))
}
