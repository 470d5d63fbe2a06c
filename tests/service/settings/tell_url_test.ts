import { tellUrls } from "../../../service/settings/tell_url.ts";
import { assert, assertEquals, assertThrows } from "../../assert.ts";

const read = (text: string) => tellUrls(text, "/home/pi");

Deno.test("`tellUrls()` takes receivers apart, and shows nothing secret in their names", () => {
  const [ntfy, hook, mail, mqtt] = read(
    "ntfys://:hunter2@ntfy.sh/secret-topic, https://hooks.example/secret/path?x=secret, " +
      "smtps://pi%40example.org:hunter2@mail.example?to=a@example.org,b@example.org, mqtt://broker",
  );
  assertEquals([ntfy.kind, ntfy.topic, ntfy.output.url.href], [
    "ntfy",
    "secret-topic",
    "https://ntfy.sh/",
  ]);
  assertEquals(ntfy.output.password?.reveal(), "hunter2");
  assertEquals(hook.output.url.href, "https://hooks.example/secret/path?x=secret");
  assertEquals(mail.to, ["a@example.org", "b@example.org"]);
  assertEquals([mail.from, mail.isTlsFirst], ["pi@example.org", true]);
  assertEquals(mqtt.output.url.port, "1883");
  for (const { name } of [ntfy, hook, mail, mqtt]) {
    assert(/^[a-z]+:\/\/[a-z.:0-9]+ #[0-9a-f]{4}$/.test(name), name);
  }
});

Deno.test("a receiver's name is the same as long as it is the same receiver, whatever its password", () => {
  const nameOf = (text: string) => read(text)[0].name;
  assertEquals(nameOf("ntfy://a:b@host/topic"), nameOf("ntfy://a:c@host/topic"));
  assert(nameOf("ntfy://host/topic") !== nameOf("ntfy://host/other"));
});

Deno.test("`tellUrls()` refuses what is no receiver, and repeats no password", () => {
  for (
    const [text, why] of [
      ["ntfy://host", "has no topic"],
      ["ntfy://a:hunter2@host/two words", "has no topic"],
      ["smtp://a:hunter2@host", "is no mail server with an address"],
      ["smtp://a:hunter2@host?to=nobody", "is no mail server with an address"],
      ["smtp://a:hunter2@host?to=a@b%0d%0aBcc:c@d", "is no mail server with an address"],
      ["gopher://host", "begins with one of ntfy://"],
      ["mqtt://host/topic", "takes no path"],
      ["ntfy://a:hunter2@host/topic,ntfy://host/topic", "is there twice"],
    ]
  ) {
    const error = assertThrows(() => read(text), Error, why);
    assert(!(error as Error).message.includes("hunter2"), text);
  }
});
