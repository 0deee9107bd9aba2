// Every text that can be seen and stands out from what is behind it by less than 4.5 to 1 (WCAG 2.2, 1.4.3): colours and
// opacities of all that lies around it are laid over one another, as the browser does. What cannot be used is exempt.
() => {
  const LEAST = 4.5
  const point = document.createElement("canvas").getContext("2d", { willReadFrequently: true })

  // Red, green, blue in 0..255 and alpha in 0..1, of any notation.
  function parsed(colour) {
    const said = /^rgba?\(([^)]+)\)$/.exec(colour)?.[1].split(/[ ,/]+/).map(Number)
    if (said) return [said[0], said[1], said[2], said[3] ?? 1]
    point.clearRect(0, 0, 1, 1)
    point.fillStyle = colour
    point.fillRect(0, 0, 1, 1)
    const [red, green, blue, alpha] = point.getImageData(0, 0, 1, 1).data
    return [red, green, blue, alpha / 255]
  }

  const over = ([red, green, blue, alpha], below) =>
    [red, green, blue].map((each, at) => each * alpha + below[at] * (1 - alpha))

  const linear = (each) => ((each /= 255) <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)

  const luminance = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)

  function ratio(one, other) {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b)
    return (light + 0.05) / (dark + 0.05)
  }

  function outermostFirst(element) {
    const around = []
    for (let at = element; at; at = at.assignedSlot ?? at.parentElement ?? at.getRootNode().host) around.unshift(at)
    return around
  }

  const page = parsed(getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor)

  function measured(element, style) {
    let behind = page
    let alpha = 1
    for (const each of outermostFirst(element)) {
      const { opacity, backgroundColor } = getComputedStyle(each)
      alpha *= Number(opacity)
      const [red, green, blue, own] = parsed(backgroundColor)
      behind = over([red, green, blue, own * alpha], behind)
    }
    const isDrawn = element.closest("svg") && element.tagName !== "svg"
    const [red, green, blue, own] = parsed(isDrawn ? style.fill : style.color)
    return ratio(over([red, green, blue, own * alpha * Number(style.opacity ?? 1)], behind), behind)
  }

  const UNUSED = "script, style, title, [aria-hidden=true], [aria-disabled=true], :disabled, [data-stale=true], label:has(:disabled)"
  const isSeen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  const found = new Map()

  function look(element, text, style) {
    const has = measured(element, style)
    const where = `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""}`
    if (has < LEAST) found.set(`${where} ${has.toFixed(2)}`, `${has.toFixed(2)} ${text.trim().slice(0, 40)} (${where})`)
  }

  function lookInto(root) {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement
      const range = document.createRange()
      range.selectNodeContents(texts.currentNode)
      const { width, height } = range.getBoundingClientRect()
      if (!texts.currentNode.data.trim() || !element || element.closest(UNUSED) || width < 2 || height < 2) continue
      if (isSeen(element)) look(element, texts.currentNode.data, { ...plain(getComputedStyle(element)), opacity: 1 })
    }
    for (const field of root.querySelectorAll("input[placeholder], textarea[placeholder]"))
      if (!field.value && !field.closest(UNUSED) && isSeen(field))
        look(field, field.placeholder, plain(getComputedStyle(field, "::placeholder")))
    for (const { shadowRoot } of root.querySelectorAll("*")) if (shadowRoot) lookInto(shadowRoot)
  }

  const plain = ({ color, fill, opacity }) => ({ color, fill, opacity })

  lookInto(document.body)
  return [...found.values()]
}
