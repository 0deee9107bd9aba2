/* Saves a file that the page has just handed over: nothing has to be fetched, so nothing can have gone meanwhile. */

let last = 0

const bytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))

export default function ({ data }) {
  if (!data?.number || data.number <= last) return // told before: the page was drawn again, or its theme changed
  last = data.number
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([data.text ?? bytes(data.base64)], { type: data.type }))
  link.download = data.name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
