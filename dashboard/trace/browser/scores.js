/* Scores as colours, over the span that there are: what differs is to be seen. */

class Scale {
  /* Undefined where nothing was scored. `colours` are told by the page. */
  static of(scores, colours) {
    const known = scores?.filter((score) => typeof score === "number") ?? []
    if (!known.length) return undefined
    const made = new Scale()
    made.colours = colours
    ;[made.low, made.high] = [Infinity, -Infinity]
    for (const score of known) [made.low, made.high] = [Math.min(made.low, score), Math.max(made.high, score)]
    return made
  }

  colour(score) {
    if (typeof score !== "number") return undefined
    const last = this.colours.length - 1
    const at = this.high > this.low ? ((score - this.low) / (this.high - this.low)) * last : last
    const below = Math.min(last - 1, Math.floor(at))
    return mixed(this.colours[below], this.colours[below + 1], at - below)
  }

  legend() {
    const made = element("span", "ot-legend")
    const bar = element("span", "ot-legend-bar")
    bar.style.background = `linear-gradient(to right, ${this.colours.join(", ")})`
    made.append(element("span", "", `score ${this.low.toFixed(2)}`), bar, element("span", "", this.high.toFixed(2)))
    return made
  }
}

/* A colour for words on the page, whose text is `ink`: darker on light ground, lighter on dark. */
function readable(colour, ink) {
  const channels = ink.match(/[0-9]+/g).slice(0, 3)
  return mixed(colour, `#${channels.map((each) => Number(each).toString(16).padStart(2, "0")).join("")}`, 0.3)
}

/* Both as #RRGGBB. */
function mixed(first, second, share) {
  const channel = (at) => {
    const [low, high] = [first, second].map((colour) => parseInt(colour.slice(at, at + 2), 16))
    return Math.round(low + share * (high - low)).toString(16).padStart(2, "0")
  }
  return `#${channel(1)}${channel(3)}${channel(5)}`
}

/* Log-probs as one colour behind the words, the stronger the less likely: in nats, always on the same scale. */

const LEAST_NATS = -8
const STRONGEST = 0.5 // text stands out from it, on a light page and on a dark one

const Surprise = {
  colour: (logProb) => `rgba(122, 80, 200, ${(STRONGEST * Math.min(1, logProb / LEAST_NATS)).toFixed(3)})`,

  words: (logProb) => (logProb === null ? "no log-prob" : `log-prob ${logProb.toFixed(2).replace("-", "−")} nats`),

  legend() {
    const made = element("span", "ot-legend")
    const bar = element("span", "ot-legend-bar")
    bar.style.background = `linear-gradient(to right, ${Surprise.colour(0)}, ${Surprise.colour(LEAST_NATS)})`
    made.append(element("span", "", "0"), bar, element("span", "", `≤ −${-LEAST_NATS} nats`))
    return made
  },
}
