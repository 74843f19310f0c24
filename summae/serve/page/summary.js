// A summary whose words can be visited: with the pointer, or with the arrow keys from one tab stop.

import { cutter, element } from "./places.js";

export class SummaryView {
  constructor(node, onWord) {
    this.node = node;
    this.onWord = onWord;
    this.words = [];
    node.addEventListener("keydown", (event) => this.move(event));
  }

  draw(text, { rescued, unsupported } = { rescued: [], unsupported: [] }) {
    const cut = cutter(text);
    const all = document.createDocumentFragment();
    let place = 0;
    this.words = rescued.map((word, number) => {
      const made = element("button", "", cut(word.start, word.end));
      made.type = "button";
      made.tabIndex = number ? -1 : 0;
      made.setAttribute("aria-pressed", "false");
      if (unsupported.some(({ start, end }) => word.start < end && word.end > start)) made.classList.add("unsupported");
      for (const name of ["focus", "mouseenter", "click"]) made.addEventListener(name, () => this.press(made, word));
      made.addEventListener("mouseleave", () => this.release());
      made.addEventListener("blur", () => this.release());
      all.append(cut(place, word.start), made);
      place = word.end;
      return made;
    });
    all.append(cut(place));
    this.node.replaceChildren(all);
    this.node.classList.toggle("long", text.length > 160);
  }

  press(made, word) {
    for (const other of this.words) other.setAttribute("aria-pressed", String(other === made));
    this.onWord(word.tokens);
  }

  release() {
    for (const word of this.words) word.setAttribute("aria-pressed", "false");
    this.onWord([]);
  }

  move(event) {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
    const from = this.words.indexOf(document.activeElement);
    if (from < 0 || !(event.key in steps)) return;
    event.preventDefault();
    const to = Math.min(Math.max(from + steps[event.key], 0), this.words.length - 1);
    this.words[from].tabIndex = -1;
    this.words[to].tabIndex = 0;
    this.words[to].focus();
  }
}
