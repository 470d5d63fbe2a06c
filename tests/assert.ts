/**
 * The assertions every test uses. Tests import them from here, because the standard library comes
 * from npm untyped and its types are pinned to it in one place: this file.
 */

// @ts-types="../types/std_assert.d.ts"
export {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertExists,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
} from "@std/assert";
