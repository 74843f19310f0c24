// The heat map: a text whose words are shaded by how many bits the summary saves in rebuilding them.

import { cutter, element } from "./places.js";

const STEPS = [4, 8, 16, 32]; // bits from which the shades begin, as in summae/explanation/heat.py; below it may be chance

const shade = (bits) => STEPS.filter((step) => bits >= step).length;

export class HeatMap {
  constructor(node) {
    this.node = node;
    this.text = null; // the one that is drawn
    this.words = new Map(); // token → its element
  }

  draw(text, { tokens, sentences, rescued }) {
    this.text = text;
    const cut = cutter(text);
    const all = document.createDocumentFragment();
    const wanted = new Set(rescued.flatMap((word) => word.tokens));
    this.words.clear();
    let place = 0;
    let next = 0;
    for (const { start, end, lost } of sentences) {
      all.append(cut(place, start));
      const sentence = element("span", lost ? "lost" : "");
      place = start;
      while (next < tokens.length && tokens[next].start < end) {
        const token = tokens[next];
        const level = shade(token.bits);
        if (token.start >= place && (level || wanted.has(next))) {
          const word = element("b", level ? `h${level}` : "", cut(token.start, token.end));
          sentence.append(cut(place, token.start), word);
          this.words.set(next, word);
          place = token.end;
        }
        next += 1;
      }
      if (place < end) sentence.append(cut(place, end));
      place = Math.max(place, end);
      all.append(sentence);
    }
    all.append(cut(place));
    this.node.replaceChildren(all);
  }

  // Marks some words and brings the first into view, within the map only.
  light(tokens) {
    for (const word of this.words.values()) word.classList.remove("lit");
    const lit = tokens.map((token) => this.words.get(token)).filter(Boolean);
    for (const word of lit) word.classList.add("lit");
    if (!lit.length) return;
    const first = Math.min(...lit.map((word) => word.offsetTop)) - this.node.offsetTop;
    const { scrollTop, clientHeight } = this.node;
    if (first < scrollTop || first > scrollTop + clientHeight - 30) this.node.scrollTop = first - clientHeight / 3;
  }
}
