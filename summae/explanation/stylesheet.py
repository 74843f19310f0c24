"""The style of the page: light or dark as the reader's system is, on paper too, and wherever colours are forced."""

STYLE = """
:root{color-scheme:light dark;--paper:#f7f5f0;--card:#fffefb;--ink:#1f1c17;--soft:#625b50;--line:#e3ddd0;
 --accent:#0b5fc4;--glow:#cfe3ff;--wrong:#b3261e;--cold:#2f6fb5;--edge:#c2570c;
 --h1:#fdf0cd;--h2:#fbdb94;--h3:#f8b95c;--h4:#ee8a34;--on-h4:#1f1c17}
@media (prefers-color-scheme:dark){:root{--paper:#131417;--card:#1a1c20;--ink:#e8e4db;--soft:#a49d91;--line:#30333a;
 --accent:#8abbff;--glow:#1c3d68;--wrong:#ff8a80;--cold:#74aee8;--edge:#f0a04b;
 --h1:#352c19;--h2:#54401a;--h3:#82591a;--h4:#dd8b2c;--on-h4:#17130c}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif;padding:2rem 1rem 4rem}
main{max-width:48rem;margin:auto}
h1{font-size:.875rem;font-weight:600;letter-spacing:.02em;color:var(--soft);margin:0 0 1rem}
article{background:var(--card);border:1px solid var(--line);border-radius:1rem;margin:0 0 2rem;padding:0 2rem 1.5rem}
article>header{z-index:1;background:var(--card);border-radius:1rem;padding:1.5rem 0 .75rem}
.short{position:sticky;top:0}
.source{margin:0;color:var(--soft);font-size:.875rem;overflow-wrap:anywhere}
h2{position:relative;margin:.25rem 0 0;font:600 1.5rem/1.4 Georgia,'Times New Roman',serif;overflow-wrap:anywhere}
.word{border-radius:.2em;cursor:help;text-decoration:underline dotted var(--edge) .08em;
 text-underline-offset:.25em}
.word:is(:hover,:focus-visible,:focus){background:var(--glow);outline:2px solid var(--accent);outline-offset:1px}
.tip{display:none;position:absolute;z-index:2;inset-inline-start:0;top:calc(100% + .5rem);width:max-content;
 max-width:100%;background:var(--ink);color:var(--paper);border-radius:.5rem;padding:.5rem .75rem;
 font:.8125rem/1.45 system-ui,sans-serif;pointer-events:none}
.word:is(:hover,:focus)>.tip{display:block}
.wrong{color:var(--wrong);text-decoration:underline wavy var(--wrong) .06em;text-underline-offset:.2em}
.wrong sup{font:600 .6em system-ui,sans-serif;text-decoration:none}
.figures{display:flex;flex-wrap:wrap;gap:.35rem 1.5rem;align-items:center;margin:.9rem 0 0;padding:0;
 list-style:none;font-size:.875rem;color:var(--soft)}
.figures b{color:var(--ink)}
.bar{display:inline-block;width:7rem;height:.5rem;margin-inline-end:.6rem;border-radius:1rem;background:var(--line);
 overflow:hidden}
.bar i{display:block;height:100%;background:var(--edge)}
.note{margin:.6rem 0 0;font-size:.875rem;color:var(--wrong)}
.text{white-space:pre-wrap;unicode-bidi:plaintext;overflow-wrap:anywhere;border-top:1px solid var(--line);
 padding-top:1.1rem;font:1.0625rem/1.85 Georgia,'Times New Roman',serif}
mark{background:none;color:inherit;border-radius:.2em;padding:.08em .07em;margin:0 -.07em;transition:background .12s;
 -webkit-box-decoration-break:clone;box-decoration-break:clone;print-color-adjust:exact}
.h1{background:var(--h1);box-shadow:inset 0 -1px var(--edge)}
.h2{background:var(--h2);box-shadow:inset 0 -2px var(--edge)}
.h3{background:var(--h3);box-shadow:inset 0 -3px var(--edge)}
.h4{background:var(--h4);color:var(--on-h4);box-shadow:inset 0 -4px var(--edge)}
.cold{text-decoration:underline dotted var(--cold) .12em;text-underline-offset:.25em}
.lost{color:var(--soft)}
.lost mark{color:var(--ink)}.lost .h4{color:var(--on-h4)}
.cross{color:var(--soft);font:.75em system-ui,sans-serif;margin-inline-end:.4em}
article:has(.word:is(:hover,:focus)) .text{color:var(--soft)}
article:has(.word:is(:hover,:focus)) .text mark{color:inherit;background:none;box-shadow:none;text-decoration:none}
.legend{display:flex;flex-wrap:wrap;gap:.4rem 1.25rem;margin:1.1rem 0 0;padding:.9rem 0 0;list-style:none;
 border-top:1px solid var(--line);font-size:.8125rem;color:var(--soft)}
.legend mark{color:var(--ink);margin:0 .1em;padding:.1em .45em}.legend .h4{color:var(--on-h4)}
details{margin-top:.9rem;font-size:.875rem}
details summary{cursor:pointer;color:var(--accent);width:max-content}
.wide{overflow-x:auto}
table{border-collapse:collapse;margin-top:.5rem;width:100%}
th,td{text-align:start;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td:first-child{min-width:9rem}
th{font-weight:600;color:var(--soft)}
.number{text-align:end;white-space:nowrap;font-variant-numeric:tabular-nums}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
footer{color:var(--soft);font-size:.8125rem}
@media (max-width:36rem){body{padding:1rem .5rem}article{padding:0 1.1rem 1.25rem}h2{font-size:1.25rem}}
@media (max-height:30rem){.short{position:static}}
@media (forced-colors:active){mark,.word{border-bottom:1px solid}.h2{border-width:2px}.h3{border-width:3px}
 .h4{border-width:4px}}
@media print{body{background:none;padding:0}article{border:0;padding:0}.short{position:static}}
"""

#: What a word of the summary (its id, its tokens' class) lights up.
LIGHT = (
    "article:has(#{0}:is(:hover,:focus)) .text .{0}{{color:var(--ink);background:var(--glow);"
    "box-shadow:0 0 0 2px var(--accent)}}\n"
)
