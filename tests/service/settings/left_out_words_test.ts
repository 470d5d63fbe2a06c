import { assertEquals, assertThrows } from "../../assert.ts";
import { leftOutWords, UnusableValue } from "../../../service/settings/setting_types.ts";

Deno.test("`leftOutWords()` reads devices and sites, and says what is neither", () => {
  assertEquals(leftOutWords("02:AA:00:00:00:01, Anna's-Phone ,example.org.,fd00::7", ""), [
    "02:aa:00:00:00:01",
    "anna's-phone",
    "example.org",
    "fd00::7",
  ]);
  assertThrows(() => leftOutWords("the tv", ""), UnusableValue, '"the tv" is no device');
  assertThrows(() => leftOutWords("*.example.org", ""), UnusableValue);
  assertThrows(() => leftOutWords("192.168.1.0/24", ""), UnusableValue);
});
