/** A thread that writes its records to a file, as `read` writes them to standard output. */

import { RecordLines } from "../../../service/read/record_lines.ts";
import { serveRecords } from "../../../service/read/record_thread.ts";

serveRecords((path: string) =>
  RecordLines.open({
    geoDbPaths: [],
    onLines: (lines) => Deno.writeTextFileSync(path, lines.join(""), { append: true }),
  })
);
