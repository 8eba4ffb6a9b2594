import assert from "node:assert/strict";
import { test } from "node:test";
import { web } from "./modules.mjs";

const { composing, fill, grouped } = await web("text.js");
const { normalized, numbers } = await web("scan.js");
const { mayLead, patience, pause } = await web("stream.js");
const { isNews } = await web("live.js");
const { headerState, range, target } = await web("select.js");
const { matches } = await web("filter.js");
const { Once } = await web("once.js");
const { pause: againPause } = await web("again.js");
const { percent } = await web("upload.js");
const { command, step } = await web("shortcuts.js");

test("a slot without a value stays, and a value's braces are no slot", () => {
  assert.equal(fill("{count} of {total}", { count: "{total}" }), "{total} of {total}");
  assert.equal(fill(null, {}), "");
});

test("a count is grouped as the language does it", () => {
  assert.deepEqual(["zh-Hans", "vi", "en"].map((language) => grouped(12500, language)), ["12,500", "12.500", "12,500"]);
});

test("a scanned number loses width, blanks and what nobody sees", () => {
  assert.equal(normalized(" ｓｆ１９０００\u200b 0000\u00a00012\ufeff"), "SF1900000000012");
  assert.equal(normalized("jdva11408814483-1-2"), "JDVA11408814483-1-2");
});

test("a pasted column is several numbers, whatever ends its lines", () => {
  assert.deepEqual(numbers("a1\r\nb2\tc3\n\n d4 \r"), ["A1", "B2", "C3", "D4"]);
  assert.deepEqual(numbers("\n\t "), []);
});

test("Enter of an input method is no Enter", () => {
  assert.equal(composing({ isComposing: true, keyCode: 13 }), true);
  assert.equal(composing({ isComposing: false, keyCode: 229 }), true);
  assert.equal(composing({ isComposing: false, keyCode: 13 }), false);
});

test("a tab leads when nobody does, when it does already, or when the leader is silent", () => {
  const now = 1_000_000;
  assert.equal(mayLead(null, "a", now), true);
  assert.equal(mayLead({ tab: "a", at: now - 60_000 }, "a", now), true);
  assert.equal(mayLead({ tab: "b", at: now - patience }, "a", now), false);
  assert.equal(mayLead({ tab: "b", at: now - patience - 1 }, "a", now), true);
  // A clock that was set back leaves a heartbeat of the future.
  assert.equal(mayLead({ tab: "b", at: now + 3_600_000 }, "a", now), true);
});

test("pauses grow up to a minute and are not the same everywhere", () => {
  const grown = [0, 1, 2, 3, 4, 5, 6, 50].map((failures) => pause(failures, 0.5));
  assert.deepEqual(grown, [1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]);
  assert.ok(pause(2, 0) < pause(2, 1));
});

test("an older version of a row is no news", () => {
  assert.equal(isNews("7", 8), true);
  assert.equal(isNews("7", 7), false);
  assert.equal(isNews("10", 9), false);
  assert.equal(isNews("7", undefined), true);
  assert.equal(isNews(undefined, 1), true);
});

test("shift ticks both ends and what is between, in both directions", () => {
  assert.deepEqual(range(2, 5), [2, 3, 4, 5]);
  assert.deepEqual(range(5, 2), [2, 3, 4, 5]);
  assert.deepEqual(range(3, 3), [3]);
});

test("a filter's form leads to what is filled in, and to nothing that is empty", () => {
  const fields = [["state", "open"], ["text", ""], ["hold", "a b"], ["selection", "x&y"]];
  assert.equal(target("https://daifa.example/m/1/orders?old=1", fields), "/m/1/orders?state=open&hold=a+b&selection=x%26y");
});

test("the header's box is half while some rows are ticked", () => {
  assert.deepEqual(headerState(0, 3), { checked: false, indeterminate: false });
  assert.deepEqual(headerState(2, 3), { checked: false, indeterminate: true });
  assert.deepEqual(headerState(3, 3), { checked: true, indeterminate: false });
  assert.deepEqual(headerState(0, 0), { checked: false, indeterminate: false });
});

test("a row stays when it has all words", () => {
  assert.equal(matches("义乌小商品厂 88001", "８８００１"), true);
  assert.equal(matches("Nhà máy Bình Dương", "bình nhà"), true);
  assert.equal(matches("Nhà máy Bình Dương", "bình đồng"), false);
  assert.equal(matches("anything", " "), true);
});

test("a second click within a second is ignored, another form's is not", () => {
  const once = new Once();
  const [form, other] = [{}, {}];
  assert.equal(once.allows(form, 1000), true);
  assert.equal(once.allows(form, 1999), false);
  assert.equal(once.allows(other, 1500), true);
  assert.equal(once.allows(form, 2000), true);
});

test("an upload is not told complete before it is", () => {
  assert.deepEqual([percent(0, 10), percent(999, 1000), percent(1000, 1000), percent(5, 0)], [0, 99, 100, 0]);
});

test("a shortcut is nobody's in a field, with a modifier, or while composing", () => {
  const key = (name, more) => ({ key: name, keyCode: 0, isComposing: false, ...more });
  assert.deepEqual(["/", "j", "k", "x", "q"].map((name) => command(key(name), false)), ["search", "next", "previous", "tick", null]);
  assert.equal(command(key("j"), true), null);
  assert.equal(command(key("j", { ctrlKey: true }), false), null);
  assert.equal(command(key("j", { keyCode: 229 }), false), null);
});

test("j and k stop at the ends of the list", () => {
  assert.deepEqual([step(-1, 3, true), step(2, 3, true), step(0, 3, false), step(-1, 0, true)], [0, 2, 0, -1]);
});

test("what is waited for is asked for soon, and seldom when it takes long", () => {
  assert.ok(againPause(0) <= 500 && againPause(3) < 1500);
  assert.equal(againPause(30), 5000);
});
