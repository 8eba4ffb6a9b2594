"""How a page is laid out: what no font changes, and what somebody would see at once.

- No text lies over another one, none is cut off by its box, none stands outside the screen.
- The parts of a page begin and end, from left to right, where `layout.txt` says for this width: `1280 main > .card 256 1256`. Heights and the
  widths of words follow from fonts and are not looked at. `DAIFA_BROWSER_WRITE_LAYOUT=1` writes down what is seen instead, for a person to look through."""

import os
import pathlib
import threading

LIST = pathlib.Path(__file__).resolve().parent / "layout.txt"
WRITES = os.environ.get("DAIFA_BROWSER_WRITE_LAYOUT") == "1"
WIDTHS = (320, 390, 1280)

_seen, _lock = set(), threading.Lock()

# Boxes of visible words, and of what they must not leave.
_LOOK = """
const problems = [], parts = [];
const round = (x) => Math.round(x);
const name = (one) => one.tagName.toLowerCase() + (one.id && !/\\d/.test(one.id) ? "#" + one.id : "") + [...one.classList].map((c) => "." + c).join("");
const shown = (one) => one.checkVisibility({opacityProperty: true, visibilityProperty: true}) && one.getClientRects().length > 0;
const hiddenFromEyes = (one) => { if (one.closest(".hidden")) return true; const box = one.getBoundingClientRect(); return box.width <= 1 || box.height <= 1; };
const scroller = (one) => { for (let up = one.parentElement; up; up = up.parentElement) {
  const style = getComputedStyle(up);
  if (/auto|scroll/.test(style.overflowX)) return up;
} return null; };
const sticks = (one) => { for (let up = one; up && up !== document.body; up = up.parentElement) if (/sticky|fixed|absolute/.test(getComputedStyle(up).position)) return true; return false; };

// Words.
const words = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode, box = node.parentElement;
  if (!node.data.trim() || !box || /^(SCRIPT|STYLE|OPTION|TEMPLATE|TITLE)$/.test(box.tagName) || !shown(box) || hiddenFromEyes(box)) continue;
  if (box.closest("details:not([open])") && !box.closest("summary")) continue;
  const range = document.createRange();
  range.selectNodeContents(node);
  for (const rect of range.getClientRects()) {
    if (rect.width < 1 || rect.height < 1) continue;
    words.push({left: rect.left, right: rect.right, top: rect.top, bottom: rect.bottom, box, text: node.data.trim().slice(0, 30)});
    const inside = scroller(box);
    if (!inside && (rect.right > document.documentElement.clientWidth + 1 || rect.left < -1)) problems.push(`outside the screen: ${name(box)} "${node.data.trim().slice(0, 40)}"`);
  }
}
// A line's box is higher than its letters: words must lie over each other by more than that.
words.sort((a, b) => a.top - b.top);
for (let i = 0; i < words.length; i++) {
  for (let j = i + 1; j < words.length && words[j].top < words[i].bottom - 4; j++) {
    const [a, b] = [words[i], words[j]];
    if (a.box === b.box || a.box.contains(b.box) || b.box.contains(a.box) || sticks(a.box) || sticks(b.box) || scroller(a.box) !== scroller(b.box)) continue;
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left), down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (across > 2 && down > 0.4 * Math.min(a.bottom - a.top, b.bottom - b.top)) problems.push(`"${a.text}" (${name(a.box)}) lies over "${b.text}" (${name(b.box)})`);
  }
}
// What is cut off.
for (const one of document.querySelectorAll("body *")) {
  if (!shown(one) || hiddenFromEyes(one) || !one.textContent.trim()) continue;
  const style = getComputedStyle(one);
  if (/hidden|clip/.test(style.overflowX) && one.scrollWidth > one.clientWidth + 1) problems.push(`cut off: ${name(one)} "${one.textContent.trim().slice(0, 40)}"`);
  if (/hidden|clip/.test(style.overflowY) && one.scrollHeight > one.clientHeight + 3) problems.push(`cut off below: ${name(one)} "${one.textContent.trim().slice(0, 40)}"`);
}
// Parts.
const add = (key, one) => { if (one && shown(one) && !hiddenFromEyes(one)) { const box = one.getBoundingClientRect(); parts.push(`${key} ${round(box.left)} ${round(box.right)}`); } };
add("bar", document.querySelector("body > .bar, body > header"));
add("shell", document.querySelector(".shell"));
add("nav", document.querySelector(".shell > nav"));
const main = document.querySelector("main");
add("main", main);
for (const one of main ? main.children : []) {
  const style = getComputedStyle(one);
  if (style.display === "inline" || style.position === "absolute" || one.matches("dialog, template, script")) continue;
  const kind = one.tagName.toLowerCase() + (one.classList.length ? "." + one.classList[0] : "");
  add(`main > ${kind}`, one);
}
return [problems.slice(0, 5), parts];
"""


def known():
    return set(LIST.read_text(encoding="utf-8").splitlines()) if LIST.exists() else set()


class Layout:
    _known = known()

    def __init__(self, person):
        self.person = person

    def check(self):
        """At every width. Returns what is wrong, by sentences."""
        wrong = []
        self.person.command("Emulation.setScrollbarsHidden", hidden=True)
        for width in WIDTHS:
            self.person.set_width(width)
            problems, parts = self.person.driver.execute_script(_LOOK)
            wrong += [f"at {width} px: {problem}" for problem in problems]
            places = {f"{width} {part}" for part in parts}
            if WRITES:
                self.write(places)
            else:
                wrong += [f"is not in layout.txt: {place}" for place in sorted(places - self._known)]
        self.person.command("Emulation.setScrollbarsHidden", hidden=False)
        self.person.set_width(self.person.width)
        return wrong

    @staticmethod
    def write(places):
        with _lock:
            _seen.update(places)
            lines = sorted(_seen, key=lambda line: (int(line.split(" ")[0]), line))
            LIST.write_text("\n".join(lines) + "\n", encoding="utf-8")
