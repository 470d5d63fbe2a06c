/** A terminal's screen as a picture: SVG whose text stays text, light or dark as its reader's desk. */

/** Width of a character and height of a line, in the picture's units; 14 is the size of the type. */
const [CELL, LINE, SIZE, PAD, BAR] = [8.4, 19, 14, 18, 34];

const STYLE = `
svg { --page: #fbfbfa; --ink: #24292f; --edge: #d0d7de; --c1: #b3261e; --c2: #2e7d32; --c3: #9a6700; --c4: #1f6feb;
  --c5: #8250df; --c6: #1b7c83; }
@media (prefers-color-scheme: dark) { svg { --page: #15191f; --ink: #d6dbe1; --edge: #343b45; --c1: #ff8177;
  --c2: #7ccf80; --c3: #e0b14d; --c4: #79b8ff; --c5: #c5a3ff; --c6: #76d1d8; } }
.page { fill: var(--page); stroke: var(--edge); } .dot { fill: var(--edge); }
text { font: ${SIZE}px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: var(--ink);
  white-space: pre; }
.b { font-weight: 700; } .d { opacity: .62; }
${[1, 2, 3, 4, 5, 6].map((color) => `.c${color} { fill: var(--c${color}); }`).join(" ")}
.inverse { fill: var(--ink); } .on { fill: var(--page); }
`;

interface Look {
  readonly isBold: boolean;
  readonly isDim: boolean;
  readonly isInverse: boolean;
  /** 1 to 6 as SGR numbers them; 0 for the terminal's own. */
  readonly color: number;
}

const PLAIN: Look = { isBold: false, isDim: false, isInverse: false, color: 0 };

/** The look after one number of an SGR sequence (ECMA-48, section 8.3.117); what is not known changes nothing. */
function lookAfter(look: Look, code: number): Look {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...look, isBold: true };
  if (code === 2) return { ...look, isDim: true };
  if (code === 22) return { ...look, isBold: false, isDim: false };
  if (code === 7 || code === 27) return { ...look, isInverse: code === 7 };
  if (code === 39) return { ...look, color: 0 };
  if (code >= 31 && code <= 36) return { ...look, color: code - 30 };
  if (code >= 91 && code <= 96) return { ...look, color: code - 90 };
  return look;
}

/** @param screen lines with SGR sequences, as `tmux capture-pane -e -p` prints them; @param columns its width */
export function terminalSvg(screen: string, columns: number, title: string): string {
  const lines = screen.split("\n");
  const width = columns * CELL + 2 * PAD;
  const height = lines.length * LINE + 2 * PAD + BAR - 12;
  let look = PLAIN;
  const parts = lines.flatMap((line, row) => {
    let column = 0;
    const y = BAR + PAD + row * LINE;
    // deno-lint-ignore no-control-regex
    return line.split(/(\x1b\[[\d;]*m)/).flatMap((piece) => {
      // deno-lint-ignore no-control-regex
      const codes = /^\x1b\[([\d;]*)m$/.exec(piece);
      if (codes !== null) {
        look = codes[1].split(";").map(Number).reduce(lookAfter, look);
        return [];
      }
      const length = [...piece].length;
      const x = PAD + column * CELL;
      column += length;
      return length === 0 ? [] : [runSvg(piece, length, look, { x, y })];
    });
  });
  const dots = [0, 1, 2].map((i) =>
    `<circle class="dot" cx="${PAD + 6 + i * 18}" cy="20" r="5.5"/>`
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
<rect class="page" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="9"/>
${dots.join("")}
${parts.join("\n")}
</svg>
`;
}

function runSvg(
  piece: string,
  length: number,
  look: Look,
  { x, y }: { x: number; y: number },
): string {
  const { isBold, isDim, isInverse, color } = look;
  const width = (length * CELL).toFixed(1);
  const classes = [isBold && "b", isDim && "d", isInverse ? "on" : color > 0 && `c${color}`]
    .filter(Boolean).join(" ");
  const back = isInverse
    ? `<rect class="inverse" x="${x.toFixed(1)}" y="${y - 14}" width="${width}" height="${LINE}"/>`
    : "";
  if (piece.trim() === "") return back;
  return `${back}<text x="${x.toFixed(1)}" y="${y}" textLength="${width}"` +
    `${classes === "" ? "" : ` class="${classes}"`} xml:space="preserve">${escaped(piece)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
