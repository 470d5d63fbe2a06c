/** Signing in. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { SessionAnswer } from "../../api/answers.ts";
import { ask, change } from "../reach/api.ts";
import { useAddress } from "../reach/navigation.ts";

export function LoginView(
  { hasPassword, onEnter }: { hasPassword: boolean; onEnter: (session: SessionAnswer) => void },
) {
  const isOldLink = new URLSearchParams(location.search).get("link") === "old";
  const [problem, setProblem] = useState(
    isOldLink ? "This link was used already, or is too old. Run wifilogger web for a new one." : "",
  );
  const [isAsking, setIsAsking] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useAddress();
  useEffect(() => {
    document.title = "Sign in · wifilogger";
    field.current?.focus();
  }, []);
  const signIn = async (event: Event) => {
    event.preventDefault();
    setIsAsking(true);
    setProblem("");
    try {
      await change("login", { password: field.current!.value });
      onEnter(await ask<SessionAnswer>("session"));
    } catch (error) {
      setProblem((error as Error).message);
      setIsAsking(false);
      field.current?.select();
    }
  };
  return (
    <main class="alone">
      <h1>
        <span class="brand">wifilogger</span>
        Sign in
      </h1>
      {hasPassword
        ? (
          <form onSubmit={signIn}>
            {/* For password managers: there is one owner. */}
            <input
              type="text"
              class="unseen"
              autocomplete="username"
              value="owner"
              readOnly
              tabIndex={-1}
              aria-hidden="true"
            />
            <label for="password">Password</label>
            <input
              id="password"
              type="password"
              autocomplete="current-password"
              required
              ref={field}
              aria-describedby="problem"
            />
            <p id="problem" role="alert">{problem}</p>
            <button type="submit" class="main" disabled={isAsking}>
              {isAsking ? "Signing in…" : "Sign in"}
            </button>
          </form>
        )
        : (
          <>
            <p id="problem" role="alert">{problem}</p>
            <p>
              No password is set. On the machine that logs, run <code>wifilogger web</code>{" "}
              and open the link that it prints.
            </p>
          </>
        )}
    </main>
  );
}
