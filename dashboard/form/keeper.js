/* Keeps what is being written in the tab's own storage: no reload, link or Back loses it, and no other tab can overwrite it.

   Kept is, by start: the text, as the page says after each run; the arms, and which are open; and what was typed into
   fields and does not count yet: each stands there from its first key on, until a run says that its field shows it. A
   session that knows nothing yet is told all of it. Later, what was typed and stands neither in a run nor in its field,
   because the field was taken away too soon, is handed in again. A draft that was started over has another life: what was
   typed before is not meant for it.

   What is typed into a text of several lines counts after a pause, as in other fields. And a line of an arm says whether
   it is open: Streamlit's buttons cannot. */

const STORE = "overthink.drafts"
const PAUSE_MS = 700

let latest // what the page said last

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(STORE)) ?? {}
  } catch {
    return {} // a browser that keeps nothing for pages
  }
}

function write(drafts) {
  try {
    sessionStorage.setItem(STORE, JSON.stringify(drafts))
  } catch {}
}

const typedOf = ({ start, life }) => (read()[start]?.life === life ? read()[start].typed : {})

function keep(said, typed) {
  const drafts = read()
  const { start, life, text, arms } = said
  if (said.is_changed || Object.keys(typed).length) drafts[start] = { life, text, arms, typed }
  else delete drafts[start]
  write(drafts)
}

const boxOf = (name) => document.querySelector(`.st-key-${latest.prefix}${name} :is(input, textarea)`)

function nameOf(box) {
  const key = `st-key-${latest.prefix}`
  const names = [...(box.closest(`[class*="${key}"]`)?.classList ?? [])]
  return names.find((each) => each.startsWith(key))?.slice(key.length)
}

let pause

function commit(box) {
  if (document.activeElement !== box) return // it counted when it was left
  box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true }))
}

document.addEventListener("input", ({ target }) => {
  const name = latest && nameOf(target)
  if (!name || target.matches("[role=combobox]")) return
  keep(latest, { ...typedOf(latest), [name]: target.value })
  clearTimeout(pause)
  if (target.matches("textarea")) pause = setTimeout(() => commit(target), PAUSE_MS)
})

const entries = (object, isMeant) => Object.fromEntries(Object.entries(object).filter(isMeant))

function hear(said) {
  latest = said
  const typed = entries(typedOf(said), ([name, text]) => name in said.shown && said.shown[name] !== text)
  keep(said, typed)
  mark()
}

function mark() {
  for (const [number, isOpen] of latest?.arms ?? [])
    document.querySelector(`.st-key-ot-opener-${number} button`)?.setAttribute("aria-expanded", Boolean(isOpen))
}

new MutationObserver(mark).observe(document.body, { childList: true, subtree: true }) // a line may be drawn later than this hears of it

// What was typed and stands nowhere: known once the page has come. Of a page that is being left it is not asked.
function handIn(said, setTriggerValue) {
  if (latest !== said) return
  if (window.overthink.isComing()) return window.addEventListener("overthink-come", () => handIn(said, setTriggerValue), { once: true })
  const { start, life } = said
  const typed = entries(typedOf(said), ([name, text]) => boxOf(name)?.value !== text)
  if (Object.keys(typed).length) setTriggerValue("typed", { start, life, typed })
}

export default function ({ data, parentElement, setTriggerValue }) {
  if (!data.start) setTriggerValue("drafts", { drafts: read() })
  else if (!data.shown) latest = data // the fields are still to come
  else {
    hear(data)
    handIn(data, setTriggerValue)
  }
  return () => {
    if (!parentElement.isConnected) latest = undefined // else called again, not taken away
  }
}
