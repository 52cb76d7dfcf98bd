import { createHash } from 'node:crypto'

/** The whole style of the page; it names no font, image or other thing that would have to be fetched. */
export const STYLE = `
:root { color-scheme: light dark; --back: #fff; --panel: #f5f6f8; --line: #c9ced6; --text: #1a1f26; --quiet: #4d5866;
  --link: #0b57b0; --good: #14693b; --warn: #8a5200; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14171c; --panel: #1d2229; --line: #3a424e; --text: #e6e9ee; --quiet: #a9b3c0;
    --link: #8ab8ff; --good: #6fd39a; --warn: #f0b357; --bad: #ff9b93; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem 1.5rem 3rem; max-width: 110rem; background: var(--back); color: var(--text);
  font: 0.9375rem/1.5 system-ui, sans-serif; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 0.5rem; padding: 0.25rem 0.75rem; background: var(--back); }
h1 { margin: 0; font-size: 1.5rem; }
h2 { margin: 2.25rem 0 0.5rem; font-size: 1.2rem; }
p { margin: 0.25rem 0; max-width: 75ch; }
.quiet, th .quiet { color: var(--quiet); font-weight: normal; }
.tiles { display: flex; flex-wrap: wrap; gap: 0.75rem; margin: 1rem 0; padding: 0; list-style: none; }
.tiles li { min-width: 13rem; padding: 0.6rem 0.9rem; border: 1px solid var(--line); border-left: 0.4rem solid var(--line);
  border-radius: 0.35rem; background: var(--panel); }
.tiles .good { border-left-color: var(--good); }
.tiles .warn { border-left-color: var(--warn); }
.tiles .bad { border-left-color: var(--bad); }
.tiles b { display: block; font-size: 1.15rem; }
.tiles a { color: inherit; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 0.35rem; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 0.5rem 0.75rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; background: var(--panel); white-space: nowrap; }
tbody th { font-weight: 600; overflow-wrap: anywhere; min-width: 11rem; }
td { overflow-wrap: anywhere; min-width: 8rem; }
.words { min-width: 18rem; max-width: 42rem; }
td ul, td ol { margin: 0; padding: 0; list-style: none; }
td p { margin: 0; }
td li + li, td p + p { margin-top: 0.4rem; }
time { white-space: nowrap; }
.state { font-weight: 600; white-space: nowrap; }
.state.good { color: var(--good); }
.state.warn { color: var(--warn); }
.state.bad { color: var(--bad); }
.life { display: block; white-space: nowrap; }
meter { width: 7rem; height: 0.8rem; margin-right: 0.4rem; vertical-align: -0.05rem; }
code { font: 0.85em ui-monospace, monospace; overflow-wrap: anywhere; }
@media print { .skip, nav { display: none; } }
`

/** For the Content-Security-Policy: this style and no other. */
export const STYLE_HASH = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`
