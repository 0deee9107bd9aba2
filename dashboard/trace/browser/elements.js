/* An element with its text: what models and people wrote is set as text, here and everywhere. */

function element(name, className, text) {
  const made = document.createElement(name)
  made.className = className
  if (text !== undefined) made.textContent = text
  return made
}
