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
  font: 0.9375rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; z-index: 2; }
.skip:focus { left: 1rem; top: 0.5rem; padding: 0.25rem 0.75rem; background: var(--back); }
h1 { margin: 0; font-size: 1.5rem; }
h2 { margin: 2rem 0 0.25rem; font-size: 1.2rem; }
p { margin: 0.25rem 0; max-width: 75ch; }
header p, section > .quiet { max-width: none; }
section > .quiet { margin-bottom: 0.5rem; }
.quiet { color: var(--quiet); font-weight: normal; }
.line, .below, time, span.state { white-space: nowrap; }
.below { display: block; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 0.75rem; margin: 0;
  padding: 0.75rem 0; list-style: none; }
.tiles li { padding: 0.5rem 0.9rem; border: 1px solid var(--line); border-left: 0.4rem solid var(--line);
  border-radius: 0.35rem; background: var(--panel); }
.tiles .good { border-left-color: var(--good); }
.tiles .warn { border-left-color: var(--warn); }
.tiles .bad { border-left-color: var(--bad); }
.tiles b { display: block; font-size: 1.1rem; }
.tiles a { color: inherit; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 0.35rem; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 0.5rem 0.75rem; text-align: left; vertical-align: top; }
tr + tr > *, tbody tr > * { border-top: 1px solid var(--line); }
thead th { background: var(--panel); white-space: nowrap; }
tbody th { font-weight: 600; }
tbody th, td { min-width: 10rem; max-width: 24rem; overflow-wrap: anywhere; }
.wide { min-width: 16rem; max-width: none; }
td ul, td ol { margin: 0; padding: 0; list-style: none; }
td p { margin: 0.15rem 0 0; }
td li + li { margin-top: 0.25rem; }
.state { font-weight: 600; }
.state.good { color: var(--good); }
.state.warn { color: var(--warn); }
.state.bad { color: var(--bad); }
.life { display: flex; flex-wrap: wrap; align-items: center; align-self: start; column-gap: 0.6rem; }
meter { flex: none; width: 5.5rem; height: 0.8rem; }
.chain { min-width: 24rem; }
.chain li { display: grid; grid-template-columns: 4.25rem 1fr; column-gap: 0.5rem; }
.chain .life { grid-column: 2; }
code { font: 0.85em ui-monospace, monospace; overflow-wrap: anywhere; }
@media (min-width: 60rem) and (min-height: 45rem) {
  html { scroll-padding-top: 6rem; }
  nav { position: sticky; top: 0; z-index: 1; background: var(--back); }
}
@media (min-width: 80rem) {
  .chain { min-width: 44rem; }
  .chain li { grid-template-columns: 4.25rem 1fr 20.5rem; }
  .chain .life { grid-column: 3; flex-wrap: nowrap; white-space: nowrap; }
}
@media (max-width: 60rem) {
  body { padding: 0.75rem 0.75rem 2rem; }
  .tiles { grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 0.5rem; }
  table, tbody, tr, th, td { display: block; }
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  tbody tr { padding: 0.5rem 0.75rem; }
  tbody tr + tr { border-top: 1px solid var(--line); }
  tbody tr > * { min-width: 0; max-width: none; padding: 0.15rem 0; border: 0; }
  .chain { min-width: 0; }
  td::before { content: attr(data-title); display: block; margin-top: 0.25rem; color: var(--quiet); font-size: 0.85em; }
}
@media print { .skip, nav { display: none; } }
`

/** For the Content-Security-Policy: this style and no other. */
export const STYLE_HASH = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`
