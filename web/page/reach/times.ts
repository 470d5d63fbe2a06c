/** Texts of moments for whoever shows them. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { type TimeTexts, timeTexts } from "../text/time.ts";

const Times = createContext<TimeTexts>(timeTexts("UTC", 0));
export const TimesProvider = Times.Provider;

/** In the logger's time zone. */
export function useTimes(): TimeTexts {
  return useContext(Times);
}
