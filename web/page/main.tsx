/** The pages of `wifilogger web`, as a browser runs them. */

import { render } from "preact";
import { Door } from "./frame/door.tsx";
import { followLinks } from "./reach/navigation.ts";

followLinks();
const place = document.getElementById("page")!;
place.replaceChildren();
render(<Door />, place);
