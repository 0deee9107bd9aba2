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
let teller // whose element told it: the page says it at its beginning and at its end

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

function note(box) {
  const name = latest && nameOf(box)
  if (!name || box.matches("[role=combobox]")) return
  keep(latest, { ...typedOf(latest), [name]: box.value })
  clearTimeout(pause)
  if (box.matches("textarea")) pause = setTimeout(() => commit(box), PAUSE_MS)
}

document.addEventListener("input", ({ target }) => note(target))

// What was typed before there was anybody to hear it.
function noteUnheard(box, { shown }) {
  const name = nameOf(box)
  if (name in shown && shown[name] !== box.value) note(box)
}

/* Elements are drawn, and told again, in any order. */
function isNews(said, element) {
  if (latest && said.turn <= latest.turn) return false
  latest = said
  teller = element
  return true
}

function isLeft(element) {
  if (element.isConnected || element !== teller) return // called again, not taken away; or another has told more since
  latest = undefined
  lines.disconnect()
}

const entries = (object, isMeant) => Object.fromEntries(Object.entries(object).filter(isMeant))

function hear(said) {
  const typed = entries(typedOf(said), ([name, text]) => name in said.shown && said.shown[name] !== text)
  keep(said, typed)
  noteUnheard(document.activeElement, said)
  mark()
  lines.observe(document.body, { childList: true, subtree: true }) // one may be drawn later than this hears of it
}

function mark() {
  for (const [number, isOpen] of latest?.arms ?? [])
    document.querySelector(`.st-key-ot-opener-${number} button`)?.setAttribute("aria-expanded", Boolean(isOpen))
}

const lines = new MutationObserver(mark)

// What was typed and stands nowhere: known once the page has come. Of a page that is being left it is not asked.
function handIn(said, setTriggerValue) {
  if (latest !== said) return
  if (window.overthink.isComing()) return window.addEventListener("overthink-come", () => handIn(said, setTriggerValue), { once: true })
  const { start, life } = said
  const typed = entries(typedOf(said), ([name, text]) => boxOf(name)?.value !== text)
  if (Object.keys(typed).length) setTriggerValue("typed", { start, life, typed })
}

export default function ({ data, parentElement, setTriggerValue }) {
  if (!data.start) {
    latest = undefined // a session that knows nothing, maybe of a server that has begun to count anew
    setTriggerValue("drafts", { drafts: read() })
  } else if (isNews(data, parentElement) && data.shown) {
    hear(data)
    handIn(data, setTriggerValue)
  }
  return () => isLeft(parentElement)
}
