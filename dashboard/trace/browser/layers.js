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
  made.append(...marked(piece.text, look))
  return made
}

/* The text in pieces: what is looked for, and the answer that was read. */
function marked(text, look) {
  const spans = [...matches(text, look.seek).map((span, nth) => ({ ...span, className: nth === look.nth ? "ot-hit now" : "ot-hit" }))]
  if (look.answer && !look.seek) {
    const start = text.lastIndexOf(look.answer)
    if (start >= 0) spans.push({ start, end: start + look.answer.length, className: "ot-answer" })
  }
  const made = []
  let done = 0
  for (const { start, end, className } of spans) {
    made.push(text.slice(done, start), element("mark", className, text.slice(start, end)))
    done = end
  }
  made.push(text.slice(done))
  return made
}

function matches(text, seek) {
  if (!seek) return []
  const pattern = new RegExp(seek.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "giu")
  return [...text.matchAll(pattern)].map(({ 0: found, index }) => ({ start: index, end: index + found.length }))
}
