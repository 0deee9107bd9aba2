/* Keeps what is being written in the tab's own storage: a reload brings it back, and no other tab can overwrite it.

   The page says after each run what stands there (`data.text`) and whether that is more than it started with. A page that
   has just been loaded (`data.session` is new here) gets back what was kept. What is typed into the YAML counts after a
   pause, as in the fields of the form. */

const STORE = "overthink.drafts"
const PAUSE_MS = 700

const answered = new Set() // sessions and starts that were given what was kept
let latest

const read = () => JSON.parse(sessionStorage.getItem(STORE) ?? "{}")

function keep(start, text) {
  const drafts = read()
  if (text === null) delete drafts[start]
  else drafts[start] = { text, at: Date.now() }
  sessionStorage.setItem(STORE, JSON.stringify(drafts))
}

const yaml = () => document.querySelector(".st-key-ot-yaml textarea")

let pause

function commit(box) {
  if (document.activeElement !== box) return
  box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true }))
}

document.addEventListener("input", ({ target }) => {
  if (target !== yaml()) return
  clearTimeout(pause)
  pause = setTimeout(() => commit(target), PAUSE_MS)
})

window.addEventListener("pagehide", () => {
  const typed = yaml()?.value
  if (latest && typed !== undefined && typed !== latest.text) keep(latest.start, typed)
})

export default function ({ data, parentElement, setTriggerValue }) {
  latest = data
  const asked = `${data.session} ${data.start}`
  const kept = read()[data.start]
  if (!answered.has(asked) && kept && kept.text !== data.text) {
    answered.add(asked)
    setTriggerValue("kept", { start: data.start, text: kept.text, age_s: (Date.now() - kept.at) / 1000 })
    return
  }
  answered.add(asked)
  keep(data.start, data.is_changed ? data.text : null)
  return () => {
    if (!parentElement.isConnected) latest = undefined // else called again, not taken away
  }
}
