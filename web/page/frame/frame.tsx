/** What is around every page: where one is, where one can go, what passes at this moment. */

import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { NewsAnswer, SignedInAnswer } from "../../api/answers.ts";
import { addressText, periodOf, type View } from "../question/address.ts";
import { change } from "../reach/api.ts";
import { go, useAddress } from "../reach/navigation.ts";
import { useAnswer } from "../reach/use_answer.ts";
import { DeviceView } from "../views/device.tsx";
import { DevicesView } from "../views/devices.tsx";
import { LogView } from "../views/log.tsx";
import { NewsView } from "../views/news.tsx";
import { OverviewView } from "../views/overview.tsx";
import { SettingsView } from "../views/settings.tsx";
import { SiteView } from "../views/site.tsx";
import type { ViewProps } from "../views/view_props.ts";
import { LiveNumbers } from "./live_numbers.tsx";

const VIEWS: Readonly<Record<View, ComponentType<ViewProps>>> = {
  overview: OverviewView,
  devices: DevicesView,
  device: DeviceView,
  site: SiteView,
  log: LogView,
  new: NewsView,
  settings: SettingsView,
  login: GoOn,
  unknown: Unknown,
};

const LINKS: readonly { readonly view: View; readonly label: string; readonly also?: View }[] = [
  { view: "overview", label: "Overview", also: "site" },
  { view: "devices", label: "Devices", also: "device" },
  { view: "log", label: "Log" },
  { view: "new", label: "New" },
  { view: "settings", label: "Settings" },
];

const NEWS_EVERY_MS = 5 * 60_000;

export function Frame({ session, onLeave }: { session: SignedInAnswer; onLeave: () => void }) {
  const address = useAddress();
  const { view, subject, question } = address;
  const main = useRef<HTMLElement>(null);
  const place = `${view} ${subject}`;
  const isFirst = useRef(true);
  useEffect(() => {
    // Whoever goes to another page is taken to its beginning; a question that changes leaves them where they are.
    if (!isFirst.current) {
      scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    }
    isFirst.current = false;
  }, [place]);
  const { answer: news } = useAnswer<NewsAnswer>("news?since=7d&limit=1", {
    everyMs: NEWS_EVERY_MS,
  });
  const leave = async () => {
    await change("logout");
    onLeave();
  };
  const Page = VIEWS[view];
  return (
    <>
      <a class="skip" href="#main">Skip to the page</a>
      <header class="top">
        <div class="top-inner">
          <a class="brand" href="/">
            <Mark />
            wifilogger
          </a>
          <span class="host" title="The machine that logs">{session.host}</span>
          <LiveNumbers />
          <button type="button" class="quiet leave" onClick={leave}>Sign out</button>
          <nav aria-label="Pages">
            {LINKS.map(({ view: to, label, also }) => (
              <a
                key={to}
                href={addressText({ view: to, question: periodOf(question) })}
                aria-current={view === to || view === also ? "page" : undefined}
              >
                {label}
                {to === "new" && news !== undefined && news.counts.weighty > 0 && (
                  <span class="badge">
                    {news.counts.weighty}
                    <span class="unseen">worth a look</span>
                  </span>
                )}
              </a>
            ))}
          </nav>
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <Page key={place} address={address} session={session} />
      </main>
      <footer>
        <span>wifilogger {session.version}</span>
        <span>Times are those of {session.time_zone}</span>
        <span>Nothing on this page is fetched from anywhere else</span>
        <button type="button" class="quiet small leave-below" onClick={leave}>Sign out</button>
      </footer>
    </>
  );
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M8 23v-5m5.300 5V10m5.400 13v-9m5.300 9v-6" />
    </svg>
  );
}

/** Whoever is signed in and comes to the login page. */
function GoOn() {
  useEffect(() => go("/", { replace: true }), []);
  return null;
}

function Unknown() {
  useEffect(() => {
    document.title = "No such page · wifilogger";
  }, []);
  return (
    <div class="page-head">
      <h1>There is no such page</h1>
      <p>
        <a href="/">Go to the overview</a>
      </p>
    </div>
  );
}
