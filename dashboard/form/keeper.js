/* Keeps what is being written in the tab's own storage: a reload brings it back, and no other tab can overwrite it.

   The page says after each run what stands there (`data.text`) and whether that is more than it started with. What is kept
   names the session that knows it: this one's may be overwritten. Of any other, from before the tab was loaded anew, the
   page is told until it has heard (`data.heard`); so is what was typed into the YAML and left before it counted. That counts
   after a pause, as in the fields of the form. */

const STORE = "overthink.drafts"
const PAUSE_MS = 700

let latest // what the page said last

const read = () => JSON.parse(sessionStorage.getItem(STORE) ?? "{}")

function keep(start, text, session) {
  const drafts = read()
  if (text === null) delete drafts[start]
  else drafts[start] = { text, session, at: Date.now() }
  sessionStorage.setItem(STORE, JSON.stringify(drafts))
}

const yaml = () => document.querySelector(".st-key-ot-yaml textarea")

let pause

function commit(box) {
  if (document.activeElement !== box) return
  box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true }))
}

document.addEventListener("input", ({ target }) => {
  if (!latest || target !== yaml()) return
  keep(latest.start, target.value, null)
  clearTimeout(pause)
  pause = setTimeout(() => commit(target), PAUSE_MS)
})

const isNews = (kept, { session, heard, text }) => kept && kept.session !== session && kept.at !== heard && kept.text !== text

export default function ({ data, parentElement, setTriggerValue }) {
  latest = data
  const kept = read()[data.start]
  if (!isNews(kept, data)) keep(data.start, data.is_changed ? data.text : null, data.session)
  else if (kept.text !== yaml()?.value) setTriggerValue("kept", { start: data.start, text: kept.text, at: kept.at })
  return () => {
    if (!parentElement.isConnected) latest = undefined // else called again, not taken away
  }
}
