/** A view as a document of its own: one file with its style in it, no script, nothing fetched. */

import { renderToStaticMarkup } from "preact-render-to-string";
import type { Paper, Report } from "./documents.ts";
import { TimesProvider } from "./reach/times.ts";
import { timeTexts } from "./text/time.ts";
import { ReportView } from "./views/report.tsx";

/** Text from the network stands in the document only as text. */
export function reportPaper(report: Report, { madeMs, zone, version, style, map }: Paper): string {
  const times = timeTexts(zone, madeMs);
  const { since, until } = report.answer;
  const title = `Traffic of ${times.range(Date.parse(since), Date.parse(until))}`;
  const markup = renderToStaticMarkup(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'"
        />
        <title>{title}</title>
        {/* Not escaped: it is a file of the build, in which nothing ends the element. */}
        <style dangerouslySetInnerHTML={{ __html: style }} />
      </head>
      <body class="paper">
        <TimesProvider value={times}>
          <main>
            <ReportView {...report} map={map} />
          </main>
        </TimesProvider>
        <footer>
          <span>
            Made by wifilogger {version} on {times.calendarDay(madeMs)}, {times.time(madeMs)}
          </span>
          <span>Times are those of {zone}</span>
        </footer>
      </body>
    </html>,
  );
  return `<!doctype html>\n${markup}\n`;
}
