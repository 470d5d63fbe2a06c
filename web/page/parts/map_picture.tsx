/** Countries on a map, each in a shade of its share of all bytes. */

import type { LabelledRow } from "../../api/answers.ts";
import { bytesText, percentText } from "../text/figures.ts";
import type { WorldMap } from "./world_map_file.ts";

/** From these shares of all bytes on; each has a shade. */
const CLASSES = [0, 0.001, 0.01, 0.05, 0.2];
const CLASS_TEXTS = ["below 0.1 %", "from 0.1 %", "1 %", "5 %", "20 %"];

export interface MapPictureProps {
  readonly map: WorldMap;
  readonly rows: readonly LabelledRow[];
  readonly totalBytes: number;
  /** Called with the country that is chosen. @default none can be */
  readonly onChoose?: (row: LabelledRow) => void;
}

export function MapPicture({ map, rows, totalBytes, onChoose }: MapPictureProps) {
  const byCode = new Map(rows.map((row) => [String(row.country), row]));
  const shadeOf = (code: string) => {
    const bytes = byCode.get(code)?.bytes ?? 0;
    if (bytes === 0 || totalBytes === 0) return "c0";
    return `c${CLASSES.findLastIndex((from) => bytes / totalBytes >= from) + 1}`;
  };
  const titleOf = (code: string) => {
    const row = byCode.get(code);
    return row === undefined ? undefined : (
      <title>
        {`${row.label}: ${bytesText(row.bytes)}, ${percentText(row.bytes / totalBytes)}`}
      </title>
    );
  };
  const open = (event: MouseEvent) => {
    const code = (event.target as Element).getAttribute("data-code");
    const row = code === null ? undefined : byCode.get(code);
    if (row !== undefined) onChoose?.(row);
  };
  const isShown = (code: string) => byCode.has(code);
  return (
    <svg
      class="map"
      viewBox={`0 0 ${map.width} ${map.height}`}
      role="img"
      aria-label={`Map of the world with ${byCode.size} countries; the table beside it has the figures`}
      onClick={open}
    >
      {map.land.map((path) => <path key={path} class="c0" d={path} />)}
      {map.countries.map(([code, path]) => (
        <path key={path} class={shadeOf(code)} data-code={code} d={path}>{titleOf(code)}</path>
      ))}
      {map.points.filter(([code]) => isShown(code)).map(([code, x, y]) => (
        <circle key={code} class={shadeOf(code)} data-code={code} cx={x} cy={y} r={22}>
          {titleOf(code)}
        </circle>
      ))}
    </svg>
  );
}

export function MapKey() {
  return (
    <p class="map-key" aria-hidden="true">
      Share of bytes:
      {CLASS_TEXTS.map((text, i) => (
        <span key={text}>
          <span class={`key c${i + 1}`} /> {text}
        </span>
      ))}
    </p>
  );
}
