/** Countries on a map, and the same in a table beside it. */

import { useEffect, useMemo, useState } from "preact/hooks";
import type { LabelledRow, Part } from "../../api/answers.ts";
import { type Address, addressText, type Question } from "../question/address.ts";
import { go } from "../reach/navigation.ts";
import { bytesText, percentText } from "../text/figures.ts";
import { BarTable } from "./bar_table.tsx";
import { Card } from "./card.tsx";
import type { WorldMap } from "./world_map_file.ts";

/** From these shares of all bytes on; each has a shade. */
const CLASSES = [0, 0.001, 0.01, 0.05, 0.2];
const CLASS_TEXTS = ["below 0.1 %", "from 0.1 %", "1 %", "5 %", "20 %"];
const SHOWN = 8;

export interface MapCardProps {
  readonly address: Address;
  /** The question that the lines behind the figures answer. */
  readonly behind: Question;
  readonly part?: Part;
  readonly totalBytes: number;
}

export function MapCard({ address, behind, part, totalBytes }: MapCardProps) {
  const map = useWorldMap();
  const rows = useMemo(() => part?.rows ?? [], [part]);
  const hrefOf = ({ country }: LabelledRow) =>
    typeof country === "string" && country !== "unknown"
      ? addressText({ ...address, question: { ...address.question, country } })
      : undefined;
  const linesOf = ({ country }: LabelledRow) =>
    addressText({ view: "log", question: { ...behind, country: String(country) } });
  return (
    <Card title="Countries" class="countries">
      <div class="countries-inner">
        <div>
          <div class="map-room">
            {map !== undefined && (
              <MapPicture map={map} rows={rows} totalBytes={totalBytes} hrefOf={hrefOf} />
            )}
          </div>
          <p class="map-key" aria-hidden="true">
            Share of bytes:
            {CLASS_TEXTS.map((text, i) => (
              <span key={text}>
                <span class={`key c${i + 1}`} /> {text}
              </span>
            ))}
          </p>
        </div>
        <BarTable
          caption="Countries by bytes"
          head="Country"
          part={part}
          most={SHOWN}
          totalBytes={totalBytes}
          hrefOf={hrefOf}
          linesOf={linesOf}
        />
      </div>
      {rows.length > SHOWN && (
        <details class="chart-table">
          <summary>All {rows.length} countries</summary>
          <BarTable
            caption="All countries by bytes"
            head="Country"
            part={part}
            most={rows.length}
            totalBytes={totalBytes}
            hrefOf={hrefOf}
            linesOf={linesOf}
          />
        </details>
      )}
    </Card>
  );
}

interface MapPictureProps {
  readonly map: WorldMap;
  readonly rows: readonly LabelledRow[];
  readonly totalBytes: number;
  readonly hrefOf: (row: LabelledRow) => string | undefined;
}

function MapPicture({ map, rows, totalBytes, hrefOf }: MapPictureProps) {
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
    const href = row && hrefOf(row);
    if (href !== undefined) go(href);
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

let loading: Promise<WorldMap> | undefined;

/** The map, which is fetched when it is first wanted. */
function useWorldMap(): WorldMap | undefined {
  const [map, setMap] = useState<WorldMap>();
  useEffect(() => {
    const { href } = document.getElementById("map") as HTMLLinkElement;
    loading ??= fetch(href).then((response) => response.json());
    loading.then(setMap, () => loading = undefined); // the table says the same
  }, []);
  return map;
}
