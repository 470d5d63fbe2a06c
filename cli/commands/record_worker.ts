/** The thread of `read` for long files. */

import { serveRecords } from "../../service/read/record_thread.ts";
import { openRecordOutput } from "./record_output.ts";

serveRecords(openRecordOutput);
