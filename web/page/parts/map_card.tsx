/** Countries on a map, and the same in a table beside it. */

import { useEffect, useMemo, useState } from "preact/hooks";
import type { LabelledRow, Part } from "../../api/answers.ts";
import { type Address, addressText, type Question } from "../question/address.ts";
import { go } from "../reach/navigation.ts";
import { BarTable } from "./bar_table.tsx";
import { Card } from "./card.tsx";
import { MapKey, MapPicture } from "./map_picture.tsx";
import type { WorldMap } from "./world_map_file.ts";

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
  const choose = (row: LabelledRow) => {
    const href = hrefOf(row);
    if (href !== undefined) go(href);
  };
  const linesOf = ({ country }: LabelledRow) =>
    addressText({ view: "log", question: { ...behind, country: String(country) } });
  return (
    <Card title="Countries" class="countries">
      <div class="countries-inner">
        <div>
          <div class="map-room">
            {map !== undefined && (
              <MapPicture map={map} rows={rows} totalBytes={totalBytes} onChoose={choose} />
            )}
          </div>
          <MapKey />
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
