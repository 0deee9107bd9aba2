/* A Plotly figure that is drawn once and then changed in place: zoom, hidden legend entries and the tooltip stay.

   Streamlit's own plotly_chart makes a new chart of every new figure. Here the figure arrives as `data.figure`, JSON, and
   where it asks for the same thing as before (`data.question`) it is drawn as far in as it was. New results (`data.results`, the
   jobs that have ended) wait for as long as the pointer is on the plot: no mark moves away under it. */

const HELD = "new results · update"
const NARROW_PX = 480 // there names have no room: the list beside or below has them

let plotly
const views = new WeakMap()

/* The library's file, fetched once per tab; it is named by its version, so the browser's copy never grows old. */
function library(address) {
  plotly ??= fetch(address, { cache: "force-cache" })
    .then((answer) => {
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`)
      return answer.text()
    })
    .then(run)
    .catch((error) => {
      plotly = undefined
      throw error
    })
  return plotly
}

/* As text in the page: that the browser knows again. Of a Blob's address, new each time, it compiles all anew, 1.2 s. */
function run(text) {
  const script = document.createElement("script")
  script.textContent = text
  document.head.append(script)
  if (!window.Plotly) throw new Error("the plotting library could not be run")
  return window.Plotly
}

class View {
  constructor(parent) {
    this.box = document.createElement("div")
    this.box.className = "ot-plot"
    this.plot = document.createElement("div")
    this.chip = document.createElement("button")
    this.chip.className = "ot-plot-chip"
    this.chip.hidden = true
    this.chip.onclick = () => this.draw(this.held)
    const news = document.createElement("div") // stays on the screen where the plot is taller
    news.className = "ot-plot-news"
    news.append(this.chip)
    this.side = document.createElement("div")
    this.side.className = "ot-plot-side"
    this.side.append(news, this.plot)
    this.box.append(this.side)
    this.ranks = new Ranks(this.box, () => this.draw(this.drawn))
    parent.append(this.box)
    this.side.addEventListener("pointerdown", () => (this.isPressed = true))
    window.addEventListener("pointerup", this.released = () => this.letGo())
    this.side.addEventListener("mouseleave", () => this.settle())
    this.box.addEventListener("fullscreenchange", () => this.draw(this.held ?? this.drawn))
    this.resized = new ResizeObserver(() => this.fit())
    this.resized.observe(this.box)
  }

  async show(data, send) {
    this.send = send
    this.latest = data
    this.side.style.minHeight = `${data.height}px`
    this.box.setAttribute("role", "figure")
    this.box.setAttribute("aria-label", data.name)
    this.Plotly = await library(data.library)
    if (this.latest !== data) return
    this.held = undefined
    if (this.mustWait(data)) this.hold(data)
    else if (this.looks(data) !== this.look) this.draw(data)
    this.chip.hidden = !(this.held && this.isNews(data))
  }

  /* Everything that is seen of a figure. */
  looks(data) {
    return JSON.stringify([data.figure, data.config, data.legend, theme(this.box)])
  }

  isNews(data) {
    return data.question === this.drawn?.question && data.results !== this.drawn.results
  }

  /* A press is a click only if what was pressed is still there at its release. */
  mustWait(data) {
    if (!this.drawn || this.isPressed) return Boolean(this.drawn)
    return this.isNews(data) && !this.isAnswering && this.side.matches(":hover")
  }

  hold(data) {
    const count = data.results - this.drawn.results
    this.held = data
    this.chip.textContent = count > 0 ? `${count.toLocaleString("en")} ${HELD}` : HELD
  }

  /* Plotly looks up what is clicked, but at most every 50 ms; what it looked up during the press was nothing. */
  letGo() {
    if (this.isPressed) this.Plotly?.Fx.unhover(this.plot)
    setTimeout(() => this.release())
  }

  release() {
    this.isPressed = false
    if (this.mustFit) this.fit()
    this.settle()
  }

  settle() {
    if (this.held && !this.mustWait(this.held)) this.draw(this.held)
  }

  fit() {
    this.mustFit = this.isPressed
    if (this.drawn && this.box.offsetWidth && !this.mustFit) this.Plotly.Plots.resize(this.plot)
  }

  draw(data, isWhole = false) {
    const { data: traces, layout } = JSON.parse(data.figure)
    const before = this.drawn?.question === data.question ? this.plot.layout : undefined
    const zoom = before && !isWhole ? zoomed(before, this.offered) : {}
    if (before) keepHidden(traces, this.plot.data)
    this.ranks.show(data.legend)
    this.ranks.kept(traces)
    this.ranks.drawn(traces)
    if (this.side.offsetWidth < NARROW_PX) traces.forEach(unnamed)
    const isFirst = !this.drawn
    this.drawn = data
    this.look = this.looks(data)
    this.offered = ranges(layout)
    this.held = undefined
    this.isAnswering = false
    this.chip.hidden = true
    this.Plotly.react(this.plot, traces, this.laidOut(layout, zoom, before), this.config(data))
    if (isFirst) this.listen()
  }

  laidOut(layout, zoom, before) {
    const isFull = document.fullscreenElement === this.box
    return {
      dragmode: "zoom",
      ...layout,
      ...zoomedIn(layout, zoom),
      ...(before && { dragmode: before.dragmode }),
      autosize: true,
      height: isFull ? window.innerHeight : this.drawn.height,
      template: theme(this.box),
    }
  }

  /* The same functions each time: Plotly begins anew where a setting has changed. */
  buttons() {
    const { home, autoscale } = this.Plotly.Icons
    this.added ??= [
      { name: "All", title: "Whole plot", icon: home, click: () => this.reset() },
      { name: "Fullscreen", title: "Fullscreen", icon: autoscale, click: () => this.toggleFull() },
    ]
    return this.added
  }

  config(data) {
    return {
      displaylogo: false,
      doubleClick: false,
      modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "resetScale2d"],
      modeBarButtonsToAdd: this.buttons(),
      scrollZoom: false, // the wheel is the page's
      ...data.config,
    }
  }

  listen() {
    this.plot.on("plotly_click", (event) => this.clicked(event))
    this.plot.on("plotly_doubleclick", () => this.reset())
    this.plot.on("plotly_hover", ({ points }) => this.pointed(points))
    this.plot.on("plotly_unhover", () => this.pointed())
  }

  pointed(points) {
    this.plot.classList.toggle("ot-opens", Boolean(mark(points)))
    this.ranks.point(points?.[0].data.meta?.arm)
  }

  clicked({ points, event }) {
    const said = mark(points)
    if (said === undefined) return
    this.isAnswering = true // what comes next is what was asked for
    if (isAddress(said)) window.overthink.visit(said, event)
    else this.send("clicked", { mark: said, at: Date.now() })
  }

  reset() {
    this.draw(this.held ?? this.drawn, true)
  }

  toggleFull() {
    if (document.fullscreenElement) document.exitFullscreen()
    else this.box.requestFullscreen()
  }

  end() {
    this.resized.disconnect()
    window.removeEventListener("pointerup", this.released)
    if (this.drawn) this.Plotly.purge(this.plot)
  }
}

/* What stands in for a mark at the page: the first of its custom data. */
function mark(points) {
  const found = points?.map(({ customdata }) => (Array.isArray(customdata) ? customdata[0] : customdata)).find(Boolean)
  return found ?? undefined
}

/* As dashboard/address.py makes them; `ways.js` opens them. Anything else is told to the page. */
const isAddress = (said) => /^(\.\/|\?)/.test(said)

const axesOf = (layout) => Object.entries(layout).filter(([name]) => /^[xy]axis\d*$/.test(name))

/* A copy: Plotly writes what is zoomed to into the figure that it was given. */
function ranges(layout) {
  return Object.fromEntries(axesOf(layout).map(([name, { range }]) => [name, range && [...range]]))
}

/* The ranges of the axes that were moved since the figure was drawn with those that it offered. */
function zoomed(layout, offered) {
  const moved = axesOf(layout).filter(([name, { range, autorange }]) =>
    offered[name] ? JSON.stringify(range) !== JSON.stringify(offered[name]) : autorange === false)
  return Object.fromEntries(moved.map(([name, { range }]) => [name, [...range]]))
}

function zoomedIn(layout, zoom) {
  return Object.fromEntries(Object.entries(zoom).map(([name, range]) => [name, { ...layout[name], range, autorange: false }]))
}

function unnamed(trace) {
  if (trace.meta?.arm) trace.text = []
}

/* A legend entry that was clicked away stays away, and one that was clicked back stays. */
function keepHidden(traces, before) {
  const was = new Map(before.map(({ uid, visible }) => [uid, visible]))
  for (const trace of traces) if (was.has(trace.uid)) trace.visible = was.get(trace.uid)
}

/* The page's colours and font, light or dark, below everything that the figure says itself. */
function theme(box) {
  const style = getComputedStyle(box)
  const of = (name) => style.getPropertyValue(`--st-${name}`).trim()
  const [ink, paper, line] = [of("text-color"), of("background-color"), of("border-color")]
  const title = { font: { size: 13, color: ink }, standoff: 14 }
  const axis = { color: ink, gridcolor: line, zerolinecolor: line, linecolor: line, tickcolor: line, automargin: true, title }
  const font = { family: of("font"), color: ink, size: 12 }
  return {
    data: { bar: [{ insidetextfont: { color: ink } }] },
    layout: {
      font,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      xaxis: { ...axis, showgrid: false },
      yaxis: axis,
      hoverlabel: { bgcolor: paper, bordercolor: line, font: { ...font, color: ink }, align: "left" },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: line, activecolor: ink },
      newshape: { line: { color: ink } },
    },
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  if (!views.has(parentElement)) views.set(parentElement, new View(parentElement))
  const view = views.get(parentElement)
  const drawn = view.show(data, setTriggerValue)
  return drawn.then(() => () => {
    if (parentElement.isConnected) return // called again, not taken away
    view.end()
    views.delete(parentElement)
  })
}
