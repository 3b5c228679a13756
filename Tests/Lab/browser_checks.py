"""What a page owes to everybody: contrast, a keyboard's way, no sideways scrolling, names for what there is."""

from Lab.browser import TAB

# By WCAG 2.2: relative luminance and contrast (section 5), 4.5 for text, 3 for large text and graphics (1.4.3, 1.4.11).
_CONTRAST = r"""
const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
function paint(color) {
  canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
}
function over(top, bottom) { return [0, 1, 2].map(i => top[i] * top[3] + bottom[i] * (1 - top[3])).concat(1); }
function background(element) {
  const layers = [];
  for (let one = element; one; one = one.parentElement) {
    const color = paint(getComputedStyle(one).backgroundColor);
    layers.push(color);
    if (color[3] === 1) break;
  }
  const base = paint(matchMedia('(prefers-color-scheme: dark)').matches ? '#121212' : '#fff');
  return layers.reduceRight((below, layer) => over(layer, below), base);
}
function luminance(color) {
  const [r, g, b] = color.slice(0, 3).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
}
function ratio(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + .05) / (dark + .05);
}
const found = new Map(), counts = {text: 0, graphics: 0};
function judge(what, element, color, least) {
  const below = background(element), value = ratio(over(paint(color), below), below);
  if (value < least) found.set(`${what} ${color} on rgb(${below.slice(0, 3).map(Math.round)})`, value.toFixed(2));
}
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node; (node = walker.nextNode());) {
  const element = node.parentElement, style = getComputedStyle(element);
  if (!node.data.trim() || ['SCRIPT', 'STYLE'].includes(element.tagName) || !element.checkVisibility({visibilityProperty: true})) continue;
  const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
  counts.text += 1;
  judge(`text '${node.data.trim().slice(0, 30)}'`, element, style.color, large ? 3 : 4.5);
}
for (const [selector, property] of arguments[0]) {
  for (const element of document.querySelectorAll(selector)) {
    counts.graphics += 1;
    judge(`shape ${selector}`, element, getComputedStyle(element).getPropertyValue(property), 3);
  }
}
return [counts, [...found].map(([what, value]) => `${what}: ${value}`)];
"""

_FOCUS = r"""
const element = document.activeElement;
if (!element || element === document.body) return null;
const style = getComputedStyle(element);
const box = element.getBoundingClientRect();
window.stops = window.stops || new Map();
if (!window.stops.has(element)) window.stops.set(element, window.stops.size);
return {number: window.stops.get(element), tag: element.tagName.toLowerCase(),
  name: (element.innerText || element.getAttribute('aria-label') || element.name || '').trim().slice(0, 60),
  isMarked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1 || style.boxShadow !== 'none',
  isShown: box.width > 0 && box.height > 0};
"""

_OVERFLOW = r"""
const page = document.documentElement, width = page.clientWidth;
const inBox = one => { for (; one; one = one.parentElement) if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(one).overflowX)) return true; };
const out = [...document.querySelectorAll('body *')].filter(one => one.checkVisibility() && !inBox(one.parentElement)
  && one.getBoundingClientRect().right > width + 1).map(one => `${one.tagName}.${one.className}`);
return page.scrollWidth > width ? [`${page.scrollWidth} wide in ${width}`, ...out] : out;
"""

_NAMES = r"""
const faults = [], all = selector => [...document.querySelectorAll(selector)];
if (!document.documentElement.lang) faults.push('no language');
if (!document.title) faults.push('no title');
if (all('h1').length !== 1) faults.push(`${all('h1').length} h1`);
if (all('main').length !== 1) faults.push(`${all('main').length} main`);
let level = 1;
for (const heading of all('h1,h2,h3,h4,h5,h6')) {
  if (heading.tagName[1] - level > 1) faults.push(`${heading.tagName} '${heading.textContent}' after h${level}`);
  level = +heading.tagName[1];
}
const ids = all('[id]').map(one => one.id);
for (const id of new Set(ids)) if (ids.filter(other => other === id).length > 1) faults.push(`id ${id} twice`);
for (const link of all('a')) if (!link.textContent.trim() && !link.getAttribute('aria-label')) faults.push(`a link to ${link.href} has no name`);
for (const field of all('input:not([type=hidden]),select'))
  if (!field.labels.length && !field.getAttribute('aria-label')) faults.push(`field ${field.name} has no label`);
for (const table of all('table')) {
  if (!table.caption) faults.push('a table has no caption');
  if (!table.querySelector('thead th')) faults.push('a table has no heads');
}
for (const image of all('img')) if (!image.hasAttribute('alt')) faults.push('an image has no text');
return faults;
"""


def contrast(browser, graphics=()):
    """How many texts and shapes were looked at, and what has too little contrast. `graphics` are selectors, each with the
    property that has its colour."""
    counts, found = browser.script(_CONTRAST, [list(pair) for pair in graphics])
    return counts, found


def tab_stops(browser, limit):
    """What the tab key comes to from the top, in its order, until it comes round or to the limit."""
    browser.script("window.stops = new Map(); document.activeElement.blur(); window.scrollTo(0, 0)")
    stops = []
    while len(stops) < limit:
        browser.press(TAB)
        stop = browser.script(_FOCUS)
        if stop is None or stop["number"] < len(stops):
            break
        stops.append(stop)
    return stops


def overflow(browser):
    """What sticks out to the right."""
    return browser.script(_OVERFLOW)


def names(browser):
    """What lacks a name, a label, a place in the order."""
    return browser.script(_NAMES)
