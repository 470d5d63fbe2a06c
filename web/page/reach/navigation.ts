/** Going from address to address without loading the page anew. */

import { useEffect, useState } from "preact/hooks";
import { type Address, parseAddress } from "../question/address.ts";

const MOVED = "wifilogger:moved";

/** Goes to an address. @param options `replace`: "back" does not lead to the present one */
export function go(address: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  dispatchEvent(new Event(MOVED));
}

/** Takes clicks on links within the page. Those with a key held down are the browser's, as are those to other places. */
export function followLinks(): void {
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest("a");
    if (link === null || link.origin !== location.origin) return;
    if (link.hasAttribute("download") || link.target !== "") return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}

/** The present address. */
export function useAddress(): Address {
  const [text, setText] = useState(location.pathname + location.search);
  useEffect(() => {
    const follow = () => setText(location.pathname + location.search);
    addEventListener("popstate", follow);
    addEventListener(MOVED, follow);
    return () => {
      removeEventListener("popstate", follow);
      removeEventListener(MOVED, follow);
    };
  }, []);
  return parseAddress(text);
}
